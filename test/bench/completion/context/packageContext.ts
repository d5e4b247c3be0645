/** What the editor would know of a file's surroundings, found without one: by grammar and by the paths of imports. */
import type { CodeSymbol, Syntax } from '../../../../src/assist/syntax/syntax';
import type {
  ContextChunk,
  ContextFile,
  ContextSource,
  ContextSwitches,
} from '../../../../src/completion/context/contextChunk';
import type { ContextInput } from '../../../../src/completion/context/contextKeeper';
import { DEFAULT_MAX_CONTEXT_TOKENS } from '../../../../src/completion/context/contextKeeper';
import { identifiers } from '../../../../src/completion/context/identifiers';
import { importedFiles } from '../../../../src/completion/context/importedFiles';
import { importsOf } from '../../../../src/completion/context/imports';
import { signatureChunks } from '../../../../src/completion/context/signatures';
import { DEFAULT_COMPLETER_OPTIONS } from '../../../../src/completion/completer';
import type { DocumentSnapshot } from '../../../../src/completion/snapshot';
import { uriOf, type ReplaySource, type SourceFile } from '../replay/sources';

/** Names of a function's head that are looked for, and lines that a head has. As the extension's. */
const MAX_HEAD_NAMES = 8;
const HEAD_LINES = 8;

/** @param files all of the package */
export async function contextOf(
  source: ReplaySource,
  files: readonly SourceFile[],
  snapshot: DocumentSnapshot,
  switches: ContextSwitches,
  syntax: Syntax,
): Promise<ContextInput> {
  const { packageName, path, languageId } = source.file;
  const others = files.filter((file) => file.path !== path);
  const chunks = [
    ...(switches.imports ? await imported(snapshot, path, others, syntax) : []),
    ...(switches.signature ? await aroundCursor(snapshot, path, others, syntax) : []),
  ];
  const open = source.visited.map(({ uri, text }): ContextFile => {
    const file = others.find((other) => uriOf(other) === uri);
    return { source: 'open', uri, path: file?.path ?? uri, text };
  });
  const { maxPrefixTokens: prefixTokens, maxSuffixTokens: suffixTokens } = DEFAULT_COMPLETER_OPTIONS;
  return {
    ...{ snapshot: { ...snapshot, languageId }, path, repository: packageName },
    ...{ chunks, files: open, switches, maxTokens: DEFAULT_MAX_CONTEXT_TOKENS },
    window: { prefixTokens, suffixTokens },
  };
}

async function imported(
  { text, languageId }: DocumentSnapshot,
  path: string,
  others: readonly SourceFile[],
  syntax: Syntax,
): Promise<ContextChunk[]> {
  const wanted = importedFiles({ path, text, languageId }, importsOf(text, languageId), paths(others));
  return declarationsOf('imports', wanted, others, syntax);
}

/** Types that the function around the cursor names in its head: of the file itself, and of those it imports them from. */
async function aroundCursor(
  { text, languageId, offset, uri }: DocumentSnapshot,
  path: string,
  others: readonly SourceFile[],
  syntax: Syntax,
): Promise<ContextChunk[]> {
  const isFunction = ({ kind }: CodeSymbol): boolean => kind !== 'class' && kind !== 'type';
  const around = await syntax.symbolAt(text, languageId, offset, isFunction);
  if (around === undefined) return [];
  const head = text
    .slice(around.declaration, around.body ?? around.end)
    .split('\n', HEAD_LINES)
    .join('\n');
  const names = new Set(
    [...identifiers(head)].filter((name) => name !== around.name).slice(0, MAX_HEAD_NAMES),
  );
  const own = { source: 'signature' as const, uri, path, text, languageId };
  const inFile = signatureChunks(own, (await syntax.symbols(text, languageId)) ?? [], names);
  const imports = importedFiles({ path, text, languageId }, importsOf(text, languageId), paths(others));
  const wanted = new Map(
    [...imports].map(([file, imported]) => [file, new Set([...imported].filter((name) => names.has(name)))]),
  );
  return [...inFile, ...(await declarationsOf('signature', wanted, others, syntax))];
}

async function declarationsOf(
  source: ContextSource,
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
  files: readonly SourceFile[],
  syntax: Syntax,
): Promise<ContextChunk[]> {
  const chunks: ContextChunk[] = [];
  for (const file of files) {
    const names = wanted.get(file.path);
    if (names === undefined || names.size === 0) continue;
    const { path, text, languageId } = file;
    const symbols = (await syntax.symbols(text, languageId)) ?? [];
    chunks.push(...signatureChunks({ source, uri: uriOf(file), path, text, languageId }, symbols, names));
  }
  return chunks;
}

const paths = (files: readonly SourceFile[]): string[] => files.map(({ path }) => path);
