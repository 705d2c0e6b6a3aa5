// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { parseDuration } from '../config/duration.ts';
import { suggest } from '../config/suggest.ts';
import { UsageError } from '../errors.ts';

export const commands = ['run', 'validate', 'doctor', 'components'] as const;
export type Command = (typeof commands)[number];

/** The command line, checked. */
export interface CliOptions {
  readonly command: Command;
  readonly config?: string;
  readonly overrides: readonly string[];
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
  /** doctor: how long to watch the points, in milliseconds. */
  readonly watchMillis?: number;
  /** run: time limit of the graceful shutdown. */
  readonly shutdownTimeoutMillis: number;
}

const flags = {
  config: { type: 'string' },
  set: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  watch: { type: 'string' },
  'shutdown-timeout': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

export const usage = `Usage: hopspan-agent [command] [options]

Commands:
  run         measure and export hops until SIGTERM or SIGINT (the default)
  validate    check the configuration
  doctor      check kernel, privileges, devices and endpoints; exit status 1 when a check fails
  components  list the component types

Options:
  --config FILE           YAML configuration; without it the defaults apply
  --set PATH=VALUE        change one value, e.g. exporters::otlp_grpc::endpoint=http://127.0.0.1:4317; repeatable
  --json                  logs (run), report (doctor), list (components) as JSON
  --watch DURATION        doctor: attach the probe and watch the packets of every point for this long, e.g. 2s
  --shutdown-timeout DURATION
                          run: time limit of the graceful shutdown (default 5s)
  -h, --help              this text
  -v, --version           the version

Exit status: 0 ok, 1 failure, 2 wrong usage or configuration.
`;

/** Reads the command line. Throws UsageError in one line. */
export function parseCommandLine(args: readonly string[]): CliOptions {
  const { values, positionals } = parse(args);
  const [command = 'run', ...rest] = positionals;
  if (!isCommand(command)) throw new UsageError(`unknown command "${command}"; ${hint(command, commands)}`);
  if (rest.length > 0) throw new UsageError(`unexpected argument "${rest[0]}"; expected at most one command`);
  if (values.watch !== undefined && command !== 'doctor')
    throw new UsageError('--watch is an option of doctor only');
  return {
    command,
    config: values.config,
    overrides: values.set ?? [],
    json: values.json ?? false,
    help: values.help ?? false,
    version: values.version ?? false,
    watchMillis: values.watch === undefined ? undefined : readDuration('--watch', values.watch),
    shutdownTimeoutMillis: readDuration('--shutdown-timeout', values['shutdown-timeout'] ?? '5s'),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (error) {
    const option = /^Unknown option '--?([^']+)'/.exec((error as Error).message)?.[1];
    if (option === undefined) throw new UsageError((error as Error).message, { cause: error });
    throw new UsageError(`unknown option "${option}"; ${hint(option, Object.keys(flags))}`, { cause: error });
  }
}

function hint(word: string, known: readonly string[]): string {
  const nearest = suggest(word, known);
  return nearest === undefined ? 'see hopspan-agent --help' : `did you mean "${nearest}"?`;
}

function readDuration(option: string, text: string): number {
  const millis = parseDuration(text);
  if (millis === undefined || millis < 1) {
    throw new UsageError(`${option} ${text}: expected a duration such as 200ms, 5s or 1m30s`);
  }
  return millis;
}

function isCommand(command: string): command is Command {
  return (commands as readonly string[]).includes(command);
}
