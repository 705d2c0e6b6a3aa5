// SPDX-License-Identifier: Apache-2.0

/** Exit statuses of the command. */
export const ExitCode = { ok: 0, failure: 1, usage: 2 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** An error that is told in one line and ends the process with its exit status. */
export class AgentError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AgentError';
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The command line cannot be understood: exit status 2. */
export class UsageError extends AgentError {
  constructor(message: string, options?: ErrorOptions) {
    super('HOPSPAN_ERR_AGENT_USAGE', ExitCode.usage, message, options);
    this.name = 'UsageError';
  }
}

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** `file:line:column`, `--set`, or the file alone. */
  readonly where: string;
  /** Keys joined by `::`; empty for the document itself. */
  readonly path: string;
  /** What was got and what was expected. */
  readonly message: string;
}

/** The configuration is wrong: exit status 2. The message has one line for each problem. */
export class ConfigError extends AgentError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super('HOPSPAN_ERR_AGENT_CONFIG', ExitCode.usage, problems.map(formatProblem).join('\n'), options);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function formatProblem({ where, path, message }: ConfigProblem): string {
  return [where, path, message].filter((part) => part !== '').join(': ');
}

/** A port or socket of the agent itself cannot be opened: exit status 1. */
export class ListenError extends AgentError {
  constructor(what: string, address: string, option: string, cause: NodeJS.ErrnoException) {
    const reason = cause.code === 'EADDRINUSE' ? 'the address is in use by another process' : cause.message;
    super(
      'HOPSPAN_ERR_AGENT_LISTEN',
      ExitCode.failure,
      `${what} cannot listen on ${address}: ${reason}; set ${option}`,
      {
        cause,
      },
    );
    this.name = 'ListenError';
  }
}

/** Text of anything thrown, in one line. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replaceAll(/\s*\n\s*/g, '; ');
}
