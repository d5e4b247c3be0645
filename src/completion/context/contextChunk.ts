/** Pieces of other places that a prompt may show beside the window, and where they come from. */

/**
 * Where a chunk comes from, the most stable first: that is the order in which new chunks enter a prompt.
 *
 * `imports`: declarations of what the file imports; `signature`: declarations of the types around the cursor; `open`,
 * `visited`, `changed`: pieces of open files, of those looked at before, of those that differ from the last commit;
 * `recent-edit`: what was changed lately, as it reads now; `diagnostic`: what the editor reports near the cursor.
 */
export const CONTEXT_SOURCES = [
  'imports',
  'signature',
  'open',
  'visited',
  'changed',
  'recent-edit',
  'diagnostic',
] as const;

export type ContextSource = (typeof CONTEXT_SOURCES)[number];

/** Sources whose files are searched for similar pieces, the most likely first. */
export const FILE_SOURCES = ['open', 'visited', 'changed'] as const satisfies readonly ContextSource[];
export type FileSource = (typeof FILE_SOURCES)[number];

/** Which sources are in use. `path`: the file's own path stands in the prompt even where nothing else does. */
export type ContextSwitches = Readonly<Record<ContextSource | 'path', boolean>>;

export const CONTEXT_SWITCHES = ['path', ...CONTEXT_SOURCES] as const;

export interface ContextChunk {
  readonly source: ContextSource;
  /** The file that it comes from. */
  readonly uri: string;
  /** As the model is shown it: relative, with `/`. */
  readonly path: string;
  /** Whole lines with LF alone; not empty. */
  readonly text: string;
  /** Of its first line in its file, from 1; absent where the text stands nowhere. */
  readonly startLine?: number;
  /** Lines of the file that it stands for, where these are not the lines of its text. */
  readonly lineCount?: number;
  /** The name that it declares, where it is a declaration: such a chunk is the same one wherever it moves. */
  readonly name?: string;
}

/** A file that may hold pieces similar to the place of the cursor. */
export interface ContextFile {
  readonly source: FileSource;
  readonly uri: string;
  readonly path: string;
  readonly text: string;
}

/**
 * What a chunk is known by while it changes and moves: a declaration by its name, what was edited by its file, any
 * other by its first line.
 */
export function chunkKey({ source, uri, text, name }: ContextChunk): string {
  if (source === 'recent-edit' || source === 'diagnostic') return `${source}\0${uri}`;
  if (name !== undefined) return `name\0${uri}\0${name}`;
  const firstLine = /^.*\S.*$/m.exec(text)?.[0] ?? '';
  return `piece\0${uri}\0${firstLine.trim()}`;
}

/** The lines that a chunk stands for: from 1, the end excluded. */
export function chunkLines(chunk: ContextChunk): { readonly from: number; readonly to: number } | undefined {
  if (chunk.startLine === undefined) return undefined;
  const count = chunk.lineCount ?? chunk.text.replace(/\n$/, '').split('\n').length;
  return { from: chunk.startLine, to: chunk.startLine + count };
}

/** Whether two chunks show some of the same lines of a file. */
export function chunksOverlap(a: ContextChunk, b: ContextChunk): boolean {
  if (a.uri !== b.uri) return false;
  const [one, other] = [chunkLines(a), chunkLines(b)];
  return one !== undefined && other !== undefined && one.from < other.to && other.from < one.to;
}
