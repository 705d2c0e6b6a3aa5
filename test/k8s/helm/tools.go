// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package kube names the programs that tests build, so that go.mod holds all that they need.
package kube

import (
	_ "helm.sh/helm/v3/cmd/helm"
)
