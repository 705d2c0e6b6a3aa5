// SPDX-License-Identifier: Apache-2.0

/** One thing the doctor looked at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Whether the agent needs it; other checks do not make the doctor fail. Default: true. */
  readonly required?: boolean;
  /** What was found; for a check of the system that failed, with its mend. */
  readonly detail: string;
  /** What to do about it, when it failed. */
  readonly mend?: string;
}

/** Whether the agent can run. */
export function areChecksOk(checks: readonly Check[]): boolean {
  return checks.every(({ ok, required = true }) => ok || !required);
}

/** All checks for people: one line each, and the mend below those that failed. */
export function formatChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ name, ok, required = true, detail, mend }) => {
      const verdict = ok ? 'ok  ' : required ? 'FAIL' : 'WARN';
      const line = `${verdict}  ${name.padEnd(width)}  ${detail}\n`;
      return ok || mend === undefined ? line : `${line}${' '.repeat(width + 8)}-> ${mend}\n`;
    })
    .join('');
}
