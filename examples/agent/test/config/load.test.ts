// SPDX-License-Identifier: Apache-2.0
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration, not of JavaScript
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { AgentError, ConfigError } from '../../src/errors.ts';

const endpoint = 'http://127.0.0.1:4317';

function load(text: string, options: { overrides?: string[]; environment?: Record<string, string> } = {}) {
  return parseConfig(text, { file: 'a.yaml', environment: {}, ...options });
}

function problemOf(text: string, options?: Parameters<typeof load>[1]): string {
  try {
    load(text, options);
  } catch (error) {
    assert.ok(error instanceof AgentError, String(error));
    assert.equal(error.exitCode, 2);
    return error.message;
  }
  return 'no problem';
}

describe('defaults', () => {
  it('print hops of the default devices and serve health and metrics on loopback', () => {
    const config = load('');
    assert.deepEqual(config.receiver, {
      id: 'ebpf_hops',
      type: 'ebpf_hops',
      config: {
        interfaces: {},
        points: 'two',
        attach: 'auto',
        search_bytes: 8192,
        contexts: ['traceparent'],
        trace_state: false,
        responses: true,
        vxlan_ports: [4789, 8472],
        table_slots: 8192,
        connection_slots: 8192,
        header_buffers: 64,
        ring_bytes: 262_144,
        path_timeout: 1000,
        max_source_rate: 10_000,
        max_cpu_rate: 50_000,
        lost_messages: true,
        poll_interval: 100,
      },
    });
    assert.deepEqual(config.processors, [
      { id: 'budget', type: 'budget', config: { max_requests: 16_384, timeout: 60_000 } },
    ]);
    assert.deepEqual(config.exporters, [{ id: 'debug', type: 'debug', config: { verbosity: 'detailed' } }]);
    assert.deepEqual(config.extensions, [
      { id: 'health_check', type: 'health_check', config: { endpoint: '127.0.0.1:13143' } },
    ]);
    assert.deepEqual(config.readers, [
      { pull: { exporter: { prometheus: { host: '127.0.0.1', port: 8898 } } } },
    ]);
    assert.equal(config.logLevel, 'info');
    assert.deepEqual(config.warnings, []);
  });

  it('keep the processors unless the pipeline names others, or none', () => {
    const idsOf = (processors: string) =>
      load(
        `service: {pipelines: {traces: {receivers: [ebpf_hops], exporters: [debug]${processors}}}}`,
      ).processors.map(({ id }) => id);
    assert.deepEqual(idsOf(''), ['budget']);
    assert.deepEqual(idsOf(', processors: [budget]'), ['budget']);
    assert.deepEqual(idsOf(', processors: []'), []);
    const [budget] = load('processors: {budget: {timeout: 5s}}').processors;
    assert.deepEqual(budget?.config, { max_requests: 16_384, timeout: 5000 });
  });

  it('fill what is asked of container_metadata, and want something to be asked', () => {
    const [metadata] = load('processors: {container_metadata: {docker: {}, netns: {}}}').processors;
    assert.deepEqual(metadata?.config, {
      docker: { endpoint: 'unix:///var/run/docker.sock' },
      netns: { directory: '/run/netns' },
      interval: 10_000,
    });
    const bad = (text: string) => () => load(`processors: {container_metadata: ${text}}`);
    assert.throws(bad('{interval: 1s}'), /expected at least one of the keys docker, cri and netns/);
    assert.throws(bad('{docker: {endpoint: "tcp://127.0.0.1:2375"}}'), /expected a socket such as unix:/);
  });

  it('fill every key of an exporter that has only an endpoint', () => {
    assert.deepEqual(load(`exporters: {otlp_grpc: {endpoint: "${endpoint}"}}`).exporters[0]?.config, {
      endpoint,
      tls: {},
      headers: {},
      compression: 'none',
      timeout: 10_000,
      retry_on_failure: {
        enabled: true,
        initial_interval: 500,
        max_interval: 5000,
        max_elapsed_time: 300_000,
        multiplier: 1.5,
        randomization_factor: 0.5,
      },
      sending_queue: { queue_size: 16_384, batch: { flush_timeout: 500, max_size: 1024 } },
    });
  });

  it('use every component that is configured where no pipeline is', () => {
    const config = load(`exporters:\n  debug:\n  otlp_grpc/a: {endpoint: "${endpoint}"}\n`);
    assert.deepEqual(
      config.exporters.map(({ id }) => id),
      ['debug', 'otlp_grpc/a'],
    );
  });
});

describe('a configuration', () => {
  it('uses only what its pipeline names', () => {
    const config = load(
      `exporters: {debug: {verbosity: basic}, otlp_grpc: {endpoint: "${endpoint}"}}
service: {extensions: [], pipelines: {traces: {receivers: [ebpf_hops], exporters: [otlp_grpc]}}}`,
    );
    assert.deepEqual(
      config.exporters.map(({ id }) => id),
      ['otlp_grpc'],
    );
    assert.deepEqual(config.extensions, []);
  });

  it('reads durations in the words of Go', () => {
    const config = load('receivers: {ebpf_hops: {path_timeout: 1m30s, poll_interval: 50ms}}');
    assert.equal(config.receiver.config.path_timeout, 90_000);
    assert.equal(config.receiver.config.poll_interval, 50);
  });

  it('takes what is sampled and filtered, and says what is wrong with it', () => {
    const config = (text: string) => load(`processors: ${text}`).processors[0]?.config;
    assert.deepEqual(config('{probabilistic_sampler: {sampling_percentage: 12.5}}'), {
      sampling_percentage: 12.5,
    });
    const filter = '{hop_filter: {include: {addresses: [10.244.0.0/16, "fd00::1"], ports: [9080]}}}';
    assert.deepEqual(config(filter), { include: { addresses: ['10.244.0.0/16', 'fd00::1'], ports: [9080] } });
    for (const [text, message] of [
      ['{probabilistic_sampler: }', /sampling_percentage: got nothing, expected a number/],
      ['{probabilistic_sampler: {sampling_percentage: 101}}', /got 101, expected at most 100/],
      ['{hop_filter: }', /expected include, exclude, or both/],
      ['{hop_filter: {include: }}', /expected include, exclude, or both/],
      ['{hop_filter: {include: {}}}', /expected addresses, ports, or both/],
      [
        '{hop_filter: {include: {addresses: [10.244.0.0/33]}}}',
        /got "10\.244\.0\.0\/33", expected an address/,
      ],
      ['{hop_filter: {exclude: {port: [1]}}}', /unknown key "port"; did you mean "ports"/],
    ] as const)
      assert.throws(() => config(text), message, text);
  });

  it('takes the topology that pods are selected by, and refuses a Jaeger that is no URL', () => {
    const pods = (text: string) =>
      load(`receivers: {ebpf_hops: {pods: {in_topology: ${text}}}}\nprocessors: {k8s_attributes: {node: n}}`)
        .receiver.config.pods?.in_topology;
    assert.deepEqual(pods('{endpoint: "http://jaeger:16686", interval: 30s}'), {
      endpoint: 'http://jaeger:16686',
      ...{ headers: {}, interval: 30_000, lookback: 86_400_000, timeout: 10_000 },
    });
    assert.throws(() => pods('{endpoint: "jaeger:16686"}'), /expected a URL such as http:\/\/jaeger:16686/);
    assert.throws(
      () => pods('{endpont: "http://jaeger:16686"}'),
      /unknown key "endpont"; did you mean "endpoint"/,
    );
  });

  it('takes two, all or a list of devices as points, and says so to anything else', () => {
    const pointsOf = (value: string) =>
      load(`receivers: {ebpf_hops: {points: ${value}}}`).receiver.config.points;
    assert.equal(pointsOf('all'), 'all');
    assert.deepEqual(pointsOf('[cni0, "flannel.*"]'), ['cni0', 'flannel.*']);
    const problem = (value: string) =>
      problemOf(`receivers: {ebpf_hops: {points: ${value}}}`).replace(/^.*points: /, '');
    const expected = 'expected two, all or a list of devices';
    assert.equal(problem('al'), `got "al", ${expected}; did you mean "all"?`);
    assert.equal(problem('3'), `got 3, ${expected}`);
    assert.equal(problem('[]'), `got an empty list, ${expected}`);
    assert.equal(problem('[1]'), `got a list, ${expected}`);
  });

  it('takes the old name of an exporter with a warning', () => {
    const config = load(`exporters:\n  otlp: {endpoint: "${endpoint}"}\n`);
    assert.equal(config.exporters[0]?.type, 'otlp_grpc');
    assert.equal(config.exporters[0]?.id, 'otlp');
    assert.deepEqual(config.warnings, ['a.yaml:2:3: exporters::otlp: "otlp" is deprecated, use "otlp_grpc"']);
  });

  it('gives a plain scalar the type its variable has, and leaves a quoted one a string', () => {
    const text = `receivers: {ebpf_hops: {search_bytes: '\${env:N}'}}`;
    assert.match(problemOf(text, { environment: { N: '512' } }), /got "512", expected a number/);
    const plain = 'receivers:\n  ebpf_hops:\n    search_bytes: ${env:N}\n';
    assert.equal(load(plain, { environment: { N: '512' } }).receiver.config.search_bytes, 512);
  });

  it('can be changed from the command line', () => {
    const config = load(`exporters: {otlp_grpc: {endpoint: "${endpoint}"}}`, {
      overrides: [
        'exporters::otlp_grpc::sending_queue::queue_size=99',
        'receivers::ebpf_hops::interfaces::nic=[eth1]',
        'service::telemetry::metrics::readers=[]',
        'exporters::otlp_grpc::endpoint=http://x:1?a=b',
      ],
    });
    const exporter = config.exporters[0];
    assert.ok(exporter?.type === 'otlp_grpc');
    assert.equal(exporter.config.sending_queue.queue_size, 99);
    assert.equal(exporter.config.endpoint, 'http://x:1?a=b');
    assert.deepEqual(config.receiver.config.interfaces, { nic: ['eth1'] });
    assert.deepEqual(config.readers, []);
  });
});

describe('a problem', () => {
  const cases: [string, string, string][] = [
    [
      'with a misspelt key',
      `exporters:\n  otlp_grpc:\n    endpont: x\n    endpoint: y\n`,
      'a.yaml:3:5: exporters::otlp_grpc::endpont: unknown key "endpont"; did you mean "endpoint"?',
    ],
    [
      'with a misspelt key in a list',
      'service:\n  telemetry:\n    metrics:\n      readers:\n        - pul: {}\n          pull: {exporter: {prometheus: {}}}\n',
      'a.yaml:5:11: service::telemetry::metrics::readers::0::pul: unknown key "pul"; did you mean "pull"?',
    ],
    [
      'with a key nothing is near to',
      'receivers:\n  ebpf_hops:\n    interfaces: {colour: [a]}\n',
      'a.yaml:3:18: receivers::ebpf_hops::interfaces::colour: unknown key "colour"; expected one of nic, vport',
    ],
    [
      'with a section that is misspelt',
      'exporter: {}\n',
      'a.yaml:1:1: exporter: unknown key "exporter"; did you mean "exporters"?',
    ],
    [
      'with a type',
      'receivers:\n  ebpf_hops:\n    search_bytes: many\n',
      'a.yaml:3:19: receivers::ebpf_hops::search_bytes: got "many", expected a number',
    ],
    [
      'with a limit',
      'receivers:\n  ebpf_hops:\n    search_bytes: 9000\n',
      'a.yaml:3:19: receivers::ebpf_hops::search_bytes: got 9000, expected at most 8192',
    ],
    [
      'with a size',
      'receivers:\n  ebpf_hops:\n    ring_bytes: 5000\n',
      'a.yaml:3:17: receivers::ebpf_hops::ring_bytes: got 5000, expected a power of two',
    ],
    [
      'with a duration',
      'receivers:\n  ebpf_hops:\n    path_timeout: 5\n',
      'a.yaml:3:19: receivers::ebpf_hops::path_timeout: got 5, expected a duration such as 200ms, 5s or 1m30s',
    ],
    [
      'with a choice',
      'exporters:\n  debug: {verbosity: detaled}\n',
      'a.yaml:2:22: exporters::debug::verbosity: got "detaled", expected one of basic, detailed; did you mean "detailed"?',
    ],
    [
      'with a missing key',
      'exporters:\n  otlp_grpc: {}\n',
      'a.yaml:2:3: exporters::otlp_grpc::endpoint: got nothing, expected host:port, http://host:port, https://host:port or unix:///path',
    ],
    [
      'with the endpoint of an exporter',
      'exporters:\n  otlp_http:\n    endpoint: localhost:4318\n',
      'a.yaml:3:15: exporters::otlp_http::endpoint: got "localhost:4318", expected http://host:port or https://host:port',
    ],
    [
      'with a component type',
      'exporters:\n  otlp_grcp: {}\n',
      'a.yaml:2:3: exporters::otlp_grcp: unknown type "otlp_grcp"; did you mean "otlp_grpc"?',
    ],
    [
      'with a processor',
      'processors:\n  batch:\n',
      'a.yaml:2:3: processors::batch: unknown type "batch"; expected one of budget, container_metadata, hop_filter, k8s_attributes, probabilistic_sampler',
    ],
    [
      'with an id',
      'exporters:\n  "debug/": {}\n',
      'a.yaml:2:3: exporters::debug/: "debug/" is not of the form type or type/name; did you mean "debug"?',
    ],
    [
      'with a reference',
      'service:\n  pipelines:\n    traces:\n      receivers: [ebpf_hops]\n      exporters: [otlp_grpc]\n',
      'a.yaml:5:19: service::pipelines::traces::exporters::0: "otlp_grpc" is not defined under exporters; defined: debug',
    ],
    [
      'with the number of receivers',
      'receivers: {ebpf_hops: {}, ebpf_hops/b: {}}\n',
      'a.yaml:1:1: service::pipelines::traces::receivers: got 2 receivers, expected exactly one',
    ],
    [
      'with an empty section',
      'exporters: {}\n',
      'a.yaml:1:1: service::pipelines::traces::exporters: got no exporter, expected at least one',
    ],
    [
      'with half a key pair',
      'exporters:\n  otlp_grpc: {endpoint: x:1, tls: {cert_file: a}}\n',
      'a.yaml:2:35: exporters::otlp_grpc::tls: got a mapping, expected cert_file and key_file together',
    ],
    ['with a scalar for a mapping', 'service: 3\n', 'a.yaml:1:10: service: got 3, expected a mapping'],
    ['with a document that is a list', '- a\n', 'a.yaml:1:1: got a list, expected a mapping'],
    ['with a key given twice', 'service: {}\nservice: {}\n', 'a.yaml:2:1: not YAML: Map keys must be unique'],
    [
      'with an endpoint',
      'extensions: {health_check: {endpoint: nowhere}}',
      'a.yaml:1:39: extensions::health_check::endpoint: got "nowhere", expected host:port, such as 127.0.0.1:13143',
    ],
    [
      'with a missing variable',
      'exporters:\n  otlp_grpc:\n    headers:\n      a: "x${env:NOPE}"\n',
      'a.yaml:4:10: exporters::otlp_grpc::headers::a: environment variable NOPE is not set: set it, or give a default with ${env:NOPE:-default}',
    ],
  ];
  for (const [name, text, message] of cases) {
    it(`${name} is told with its place`, () => assert.equal(problemOf(text), message));
  }

  it('in an override says so', () => {
    assert.equal(
      problemOf('', { overrides: ['receivers::ebpf_hops::search_byte=1'] }),
      '--set: receivers::ebpf_hops::search_byte: unknown key "search_byte"; did you mean "search_bytes"?',
    );
  });
  it('with an override that has no value says what is expected', () => {
    assert.match(problemOf('', { overrides: ['a::b'] }), /^--set a::b: expected path=value/);
  });
  it('each gets a line of its own', () => {
    const message = problemOf('exporters:\n  debug: {a: 1, b: 2}\n');
    assert.equal(message.split('\n').length, 2);
  });
  it('is kept as data too', () => {
    assert.throws(
      () => load('a: 1'),
      (error) =>
        error instanceof ConfigError &&
        error.problems[0]?.where === 'a.yaml:1:1' &&
        error.code === 'HOPSPAN_ERR_AGENT_CONFIG',
    );
  });
});
