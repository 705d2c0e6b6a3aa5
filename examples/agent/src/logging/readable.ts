// SPDX-License-Identifier: Apache-2.0

/** A log record as one line for people: time, level, message, then `name=value`. */
export function formatRecord(record: Readonly<Record<string, unknown>>): string {
  const { level, time, msg, ...fields } = record;
  const values = Object.entries(fields).map(([name, value]) => `${name}=${formatValue(value)}`);
  return [time, String(level).toUpperCase().padEnd(5), msg, ...values]
    .map(String)
    .join(' ')
    .replaceAll(/\s*\n\s*/g, '; ');
}

function formatValue(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
