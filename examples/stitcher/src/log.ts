// SPDX-License-Identifier: Apache-2.0

type Fields = Readonly<Record<string, unknown>>;

/** One line a record: readable, or a JSON object with level, time, msg and the fields. */
export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export function createLog(json: boolean, write: (line: string) => void): Log {
  const log = (level: string, msg: string, fields: Fields = {}) => {
    const time = new Date().toISOString();
    if (json) write(`${JSON.stringify({ level, time, msg, ...fields })}\n`);
    else {
      const values = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
      write(`${time} ${level.toUpperCase().padEnd(5)} ${msg}${values.join('')}\n`);
    }
  };
  return {
    info: (message, fields) => log('info', message, fields),
    warn: (message, fields) => log('warn', message, fields),
    error: (message, fields) => log('error', message, fields),
  };
}
