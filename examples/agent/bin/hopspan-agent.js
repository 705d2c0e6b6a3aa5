#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Old enough JavaScript to run on any Node, so that a version too old is told in one line.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `hopspan-agent: Node ${process.versions.node} is too old: install Node 22.19 or newer (24 LTS is recommended)\n`,
  );
  process.exitCode = 1;
} else {
  const { runCommandLine } = await import('../dist/main.js');
  await runCommandLine();
}
