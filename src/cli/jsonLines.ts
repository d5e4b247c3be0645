/** JSON Lines, one value per line, as they are or compressed by gzip. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { CliError, EXIT } from './exitCodes';
import { failedFile } from './fileFailure';

export interface JsonLine {
  /** From 1. */
  readonly number: number;
  readonly value: unknown;
}

export interface ReadOptions {
  /** A writer was interrupted: an end of file inside a line, or inside compressed data, drops what is not whole. */
  readonly interrupted?: boolean;
}

/**
 * Reads a whole file; gzip is recognised by its content. Blank lines count but carry nothing.
 * @throws CliError where the file cannot be read or a line is not JSON; the system's error as its cause
 */
export async function readJsonLines(path: string, options: ReadOptions = {}): Promise<JsonLine[]> {
  const text = await readText(path, options).catch((error: unknown) => {
    throw failedFile('read', path, error);
  });
  const lines = text.split('\n');
  // What follows the last line end is nothing, or a line that was being written.
  if (options.interrupted === true) lines.pop();
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    return [{ number: index + 1, value: parse(line, path, index + 1) }];
  });
}

async function readText(path: string, { interrupted = false }: ReadOptions): Promise<string> {
  const bytes = await readFile(path);
  const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!compressed) return bytes.toString('utf8');
  const finishFlush = interrupted ? constants.Z_SYNC_FLUSH : constants.Z_FINISH;
  return (await promisify(gunzip)(bytes, { finishFlush })).toString('utf8');
}

function parse(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new CliError(EXIT.fileFailed, `Line ${number} of ${path} is not JSON.`, { cause: error });
  }
}

/**
 * The named fields of a line, all of them texts.
 * @throws CliError that names the line and the field
 */
export function textFields<K extends string>(
  { number, value }: JsonLine,
  names: readonly K[],
  path: string,
): Record<K, string> {
  const object = (typeof value === 'object' ? value : undefined) as
    Partial<Record<K, unknown>> | null | undefined;
  const fields = names.map((name) => {
    const field = object?.[name];
    if (typeof field === 'string') return [name, field];
    throw new CliError(EXIT.fileFailed, `Line ${number} of ${path} has no text "${name}".`);
  });
  return Object.fromEntries(fields) as Record<K, string>;
}
