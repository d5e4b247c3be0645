import { CliError, EXIT } from './exitCodes';

/** A file that cannot be read or written, in a sentence; `-` is a standard stream. */
export function failedFile(what: 'read' | 'write', path: string, error: unknown): CliError {
  const reason = error instanceof Error ? error.message : String(error);
  const name = path === '-' ? `standard ${what === 'read' ? 'input' : 'output'}` : path;
  return new CliError(EXIT.fileFailed, `Could not ${what} ${name}: ${reason}`, { cause: error });
}
