/**
 * Declarations of what a file imports and of the types around the cursor: by the language's support in the editor
 * where there is one, else by the imports' paths; read out of their files by grammar.
 */
import { LRUCache } from 'lru-cache';
import * as vscode from 'vscode';
import type { CodeSymbol, Syntax } from '../../assist/syntax/syntax';
import type { ContextChunk, ContextSource } from '../../completion/context/contextChunk';
import { identifiers } from '../../completion/context/identifiers';
import { importedFiles } from '../../completion/context/importedFiles';
import { importsOf, type Import } from '../../completion/context/imports';
import { importedExtensions } from '../../completion/context/modulePaths';
import { signatureChunks, type Declaration } from '../../completion/context/signatures';
import { pathOf } from '../paths';
import { within } from './deadline';
import type { FileTexts } from './fileTexts';

/** Names that the language's support is asked about at a time. */
const MAX_QUESTIONS = 24;
const MAX_HEADER_QUESTIONS = 8;
/** A language server that is still starting does not keep the imports' paths from being tried. Milliseconds. */
const DEFINITION_MS = 60;
/** Imported files that are read. */
const MAX_FILES = 12;
/** How long a list of the workspace's files is good for, in milliseconds, and how long it may be. */
const FILES_FOR_MS = 30_000;
const MAX_LISTED = 5000;
const MAX_DEFINED = 500;
const DEFINED_FOR_MS = 30_000;
const MAX_DECLARED = 100;
/** Reading a longer text by grammar would be felt. UTF-16 units. */
const MAX_PARSED_UNITS = 200_000;

/** A document at one moment. */
export interface DocumentFacts {
  readonly uri: vscode.Uri;
  readonly languageId: string;
  readonly text: string;
  /** Of the cursor, in UTF-16 units. */
  readonly offset: number;
  readonly positionAt: (offset: number) => vscode.Position;
}

/** Names that are wanted of files, by URI. */
type Wanted = Map<string, { readonly uri: vscode.Uri; readonly names: Set<string> }>;

export class Declarations {
  readonly #listed = new Map<
    string,
    { readonly at: number; readonly files: Promise<readonly vscode.Uri[]> }
  >();

  /** Where names are defined, by document and name: asked about again after a while only. */
  readonly #defined = new LRUCache<string, readonly vscode.Uri[]>({ max: MAX_DEFINED, ttl: DEFINED_FOR_MS });
  /** Declarations of files, which are read anew when their text has changed. */
  readonly #declared = new LRUCache<
    string,
    { readonly text: string; readonly declarations: readonly Declaration[] }
  >({ max: MAX_DECLARED });

  constructor(
    private readonly syntax: Syntax,
    private readonly texts: FileTexts,
  ) {}

  /** Declarations behind the imports of a document. */
  async imported(document: DocumentFacts): Promise<readonly ContextChunk[]> {
    const imports = importsOf(document.text, document.languageId);
    const wanted: Wanted = new Map();
    const asked = imports
      .flatMap((one) => one.names.map((name) => ({ one, ...name })))
      .slice(0, MAX_QUESTIONS);
    const answered = new Set<Import>();
    await Promise.all(
      asked.map(async ({ one, name, offset }) => {
        for (const uri of await this.#definedIn(document, name, offset)) {
          answered.add(one);
          want(wanted, uri, [name]);
        }
      }),
    );
    const rest = imports.filter((one) => !answered.has(one));
    if (rest.length > 0) await this.#findByPath(document, rest, wanted);
    wanted.delete(document.uri.toString());
    return this.#read('imports', document, wanted);
  }

  /** Declarations of the types that the function around the cursor names in its head. */
  async aroundCursor(document: DocumentFacts): Promise<readonly ContextChunk[]> {
    const { text, languageId, offset, uri } = document;
    if (text.length > MAX_PARSED_UNITS) return [];
    const around = await this.syntax.symbolAt(
      text,
      languageId,
      offset,
      ({ kind }) => kind !== 'class' && kind !== 'type',
    );
    if (around === undefined) return [];
    const head = text
      .slice(around.declaration, around.body ?? around.end)
      .split('\n')
      .slice(0, 8)
      .join('\n');
    const names = [...identifiers(head)]
      .filter((name) => name !== around.name)
      .slice(0, MAX_HEADER_QUESTIONS);
    const wanted: Wanted = new Map();
    // The document itself is where such types often stand.
    want(wanted, uri, names);
    await Promise.all(
      names.map(async (name) => {
        const at =
          around.declaration + head.search(new RegExp(`(?<![\\w$])${name.replace(/\$/g, '\\$')}(?![\\w$])`));
        for (const target of await this.#definedIn(document, name, at)) want(wanted, target, [name]);
      }),
    );
    const chunks = await this.#read('signature', document, wanted);
    // Parameters have names that functions may have too.
    return chunks.filter((chunk) => chunk.uri !== uri.toString() || chunk.name !== around.name);
  }

  /** Where a name of a document is defined, if elsewhere. */
  async #definedIn(
    { uri, positionAt }: DocumentFacts,
    name: string,
    offset: number,
  ): Promise<readonly vscode.Uri[]> {
    const key = `${uri.toString()}\0${name}`;
    const known = this.#defined.get(key);
    if (known !== undefined) return known.filter((target) => this.texts.allows(target));
    const asked = vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[] | undefined>(
      'vscode.executeDefinitionProvider',
      uri,
      positionAt(offset),
    );
    const found = await within(asked, DEFINITION_MS);
    const targets = (found ?? [])
      .map((one) => ('targetUri' in one ? one.targetUri : one.uri))
      .filter((target) => target.toString() !== uri.toString() && this.texts.allows(target));
    if (targets.length > 0) this.#defined.set(key, targets);
    return targets;
  }

  async #findByPath(document: DocumentFacts, imports: readonly Import[], wanted: Wanted): Promise<void> {
    const { uri, text, languageId } = document;
    const byPath = new Map((await this.#files(languageId)).map((file) => [pathOf(file), file]));
    const own = { path: pathOf(uri), text, languageId };
    for (const [path, names] of importedFiles(own, imports, [...byPath.keys()])) {
      const file = byPath.get(path);
      if (file !== undefined) want(wanted, file, [...names]);
    }
  }

  #files(languageId: string): Promise<readonly vscode.Uri[]> {
    const extensions = importedExtensions(languageId);
    const pattern = `**/*.{${extensions.join(',')}}`;
    const known = this.#listed.get(pattern);
    if (known !== undefined && Date.now() - known.at < FILES_FOR_MS) return known.files;
    const files =
      extensions.length === 0
        ? Promise.resolve([])
        : Promise.resolve(vscode.workspace.findFiles(pattern, '**/node_modules/**', MAX_LISTED));
    this.#listed.set(pattern, { at: Date.now(), files });
    return files;
  }

  async #read(
    source: ContextSource,
    { languageId, uri: own, text: ownText }: DocumentFacts,
    wanted: Wanted,
  ): Promise<readonly ContextChunk[]> {
    const chunks = await Promise.all(
      [...wanted.values()].slice(0, MAX_FILES).map(async ({ uri, names }) => {
        const text = uri.toString() === own.toString() ? ownText : await this.texts.read(uri);
        if (text === undefined || names.size === 0) return [];
        const declarations = await this.#declarationsIn(uri, text, languageId);
        const file = { source, uri: uri.toString(), path: pathOf(uri), text, languageId };
        return signatureChunks(file, declarations, names);
      }),
    );
    return chunks.flat();
  }

  async #declarationsIn(uri: vscode.Uri, text: string, languageId: string): Promise<readonly Declaration[]> {
    const key = uri.toString();
    const known = this.#declared.get(key);
    if (known?.text === text) return known.declarations;
    const declarations = await this.#readDeclarations(uri, text, languageId);
    this.#declared.set(key, { text, declarations });
    return declarations;
  }

  /** By grammar; by the language's support in the editor where there is none. */
  async #readDeclarations(
    uri: vscode.Uri,
    text: string,
    languageId: string,
  ): Promise<readonly Declaration[]> {
    const found: readonly CodeSymbol[] | undefined = await this.syntax.symbols(text, languageId);
    if (found !== undefined) return found;
    const symbols = await vscode.commands.executeCommand<
      (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
    >('vscode.executeDocumentSymbolProvider', uri);
    const starts = lineStarts(text);
    return (symbols ?? [])
      .filter((symbol): symbol is vscode.DocumentSymbol => 'children' in symbol)
      .map(({ name, range }) => ({
        name: name.replace(/\(.*$/, ''),
        // Nobody knows its body: of a function, the first lines are shown.
        kind: 'function',
        startLine: range.start.line,
        endLine: range.end.line,
        start: (starts[range.start.line] ?? 0) + range.start.character,
        end: (starts[range.end.line] ?? 0) + range.end.character,
      }));
  }
}

function want(wanted: Wanted, uri: vscode.Uri, names: readonly string[]): void {
  const key = uri.toString();
  const known = wanted.get(key) ?? { uri, names: new Set<string>() };
  for (const name of names) known.names.add(name);
  wanted.set(key, known);
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
