/** What the editor reports near the cursor, as comments that a model reads as such. */
import type { ContextChunk } from './contextChunk';

export interface NearbyDiagnostic {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** The nearest ones; further ones are about something else. */
const MAX_DIAGNOSTICS = 3;
const NEAR_LINES = 20;
/** Compilers can write pages. UTF-16 units. */
const MESSAGE_UNITS = 160;
const HASH = new Set(
  'python ruby shellscript perl r yaml toml makefile dockerfile powershell julia elixir coffeescript'.split(
    ' ',
  ),
);
const DASHES = new Set('lua sql haskell elm ada'.split(' '));

/** @returns undefined where nothing is reported nearby */
export function diagnosticChunk(
  { uri, path }: Pick<ContextChunk, 'uri' | 'path'>,
  languageId: string,
  diagnostics: readonly NearbyDiagnostic[],
  cursorLine: number,
): ContextChunk | undefined {
  const distance = ({ line }: NearbyDiagnostic): number => Math.abs(line - cursorLine);
  const near = diagnostics
    // On the cursor's own line it is about what is being written.
    .filter((one) => distance(one) > 0 && distance(one) <= NEAR_LINES)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, MAX_DIAGNOSTICS)
    .sort((a, b) => a.line - b.line);
  const [first] = near;
  if (first === undefined) return undefined;
  const mark = HASH.has(languageId) ? '#' : DASHES.has(languageId) ? '--' : '//';
  const text = near
    .map(({ message }) => `${mark} ${message.replace(/\s+/g, ' ').slice(0, MESSAGE_UNITS)}`)
    .join('\n');
  return { source: 'diagnostic', uri, path, text, startLine: first.line, lineCount: 0 };
}
