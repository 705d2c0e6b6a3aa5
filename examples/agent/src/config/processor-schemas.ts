// SPDX-License-Identifier: Apache-2.0
// The keys of the processors, with their defaults. README.md has the same as tables.
import { z } from 'zod';
import { duration, namesOnly, port, unixSocket } from './schema-parts.ts';

/** processors::budget */
export const budgetSchema = z.strictObject({
  max_requests: z.int().min(1).max(10_000_000).default(16_384),
  timeout: duration('60s', { min: 1 }),
});

/** Where the rules of one tool are read: it is run, or something in its place, or its output is in a file. */
const natSource = z
  .strictObject({
    command: namesOnly.optional(),
    file: z.string().startsWith('/', 'expected an absolute path').optional(),
  })
  .refine(({ command, file }) => command === undefined || file === undefined, {
    message: 'expected either command or file',
  })
  .optional();

/** processors::k8s_attributes::nat */
const natSchema = z
  .strictObject({
    nft: natSource,
    iptables: natSource,
    ip6tables: natSource,
    interval: duration('30s', { min: 1000 }),
  })
  .refine(({ nft, iptables, ip6tables }) => [nft, iptables, ip6tables].some((each) => each !== undefined), {
    message: 'expected at least one of the keys nft, iptables and ip6tables; {} runs the tool itself',
  });

/** processors::probabilistic_sampler */
export const samplerSchema = z.strictObject({
  sampling_percentage: z.number().min(0).max(100),
});

const networkHint = 'expected an address or a network such as 10.244.0.0/16';

/** Ends of connections that are meant. */
const endpointSelector = z
  .strictObject({
    addresses: z
      .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], networkHint))
      .min(1)
      .optional(),
    ports: z.array(port).min(1).optional(),
  })
  .refine(({ addresses, ports }) => addresses !== undefined || ports !== undefined, {
    message: 'expected addresses, ports, or both',
  })
  .optional();

/** processors::hop_filter */
export const filterSchema = z
  .strictObject({ include: endpointSelector, exclude: endpointSelector })
  .refine(({ include, exclude }) => include !== undefined || exclude !== undefined, {
    message: 'expected include, exclude, or both',
  });

/** processors::k8s_attributes */
export const k8sAttributesSchema = z
  .strictObject({
    auth_type: z.enum(['serviceAccount', 'kubeConfig']).default('serviceAccount'),
    kubeconfig: z.string().min(1).optional(),
    context: z.string().min(1).optional(),
    node: z.string('expected the name of a Node, which pods have as spec.nodeName').min(1),
    remote_pods: z.enum(['endpointslices', 'all', 'none']).default('endpointslices'),
    processes: z.boolean().default(false),
    cri: z.strictObject({ endpoint: unixSocket('unix:///run/containerd/containerd.sock') }).optional(),
    nat: natSchema.optional(),
  })
  .refine(({ auth_type, kubeconfig }) => (auth_type === 'kubeConfig') === (kubeconfig !== undefined), {
    message: 'expected kubeconfig together with auth_type: kubeConfig, and only then',
  });

/** processors::container_metadata */
export const containerMetadataSchema = z
  .strictObject({
    docker: z.strictObject({ endpoint: unixSocket('unix:///var/run/docker.sock') }).optional(),
    cri: z.strictObject({ endpoint: unixSocket('unix:///run/containerd/containerd.sock') }).optional(),
    netns: z.strictObject({ directory: z.string().startsWith('/').default('/run/netns') }).optional(),
    interval: duration('10s', { min: 100 }),
  })
  .refine(({ docker, cri, netns }) => [docker, cri, netns].some((each) => each !== undefined), {
    message: 'expected at least one of the keys docker, cri and netns; {} takes the defaults of one',
  });

export type BudgetConfig = z.output<typeof budgetSchema>;
export type K8sAttributesConfig = z.output<typeof k8sAttributesSchema>;
export type ContainerMetadataConfig = z.output<typeof containerMetadataSchema>;
export type SamplerConfig = z.output<typeof samplerSchema>;
export type FilterConfig = z.output<typeof filterSchema>;
