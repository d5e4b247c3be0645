/** Finds, at a calm moment and within a time limit, what the prompts of a document may show of other places. */
import * as vscode from 'vscode';
import type { Syntax } from '../../assist/syntax/syntax';
import type { ContextChunk, ContextFile } from '../../completion/context/contextChunk';
import { shownPart, windowLines, type ContextInput } from '../../completion/context/contextKeeper';
import { diagnosticChunk } from '../../completion/context/diagnosticLines';
import { Disposables, type DisposableLike } from '../disposables';
import type { IgnoredFiles } from '../ignoredFiles';
import { pathOf } from '../paths';
import type { SettingValues } from '../settingValues';
import { Declarations, type DocumentFacts } from './declarations';
import { EditTracker } from './editTracker';
import { FileTexts } from './fileTexts';
import { LastKnown } from './lastKnown';
import { RelatedFiles } from './relatedFiles';

/** Language servers may take longer; what they say then is used at the next calm moment. Milliseconds. */
const DEADLINE_MS = 100;

export interface ContextCollectorDeps {
  readonly syntax: Syntax;
  readonly ignored: IgnoredFiles;
  /** Something that came too late for the last collection has come. */
  readonly onLate: () => void;
}

export class ContextCollector implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #ignored: IgnoredFiles;
  readonly #texts: FileTexts;
  readonly #declarations: Declarations;
  readonly #related: RelatedFiles;
  readonly #edits: EditTracker;
  readonly #chunks: LastKnown<readonly ContextChunk[]>;
  readonly #files: LastKnown<readonly ContextFile[]>;

  constructor({ syntax, ignored, onLate }: ContextCollectorDeps) {
    this.#ignored = ignored;
    this.#texts = new FileTexts(ignored);
    this.#declarations = new Declarations(syntax, this.#texts);
    this.#related = this.#owned.add(new RelatedFiles(this.#texts));
    this.#edits = this.#owned.add(new EditTracker(this.#texts));
    this.#chunks = new LastKnown(onLate);
    this.#files = new LastKnown(onLate);
  }

  /** What there is now for a document with the cursor at an offset. */
  async collect(
    document: vscode.TextDocument,
    offset: number,
    settings: SettingValues,
  ): Promise<ContextInput> {
    const { uri, languageId, version } = document;
    const key = uri.toString();
    const text = document.getText();
    const { contextSources: switches } = settings;
    const snapshot = { uri: key, languageId, version, text, offset };
    const window = { prefixTokens: settings.maxPrefixTokens, suffixTokens: settings.maxSuffixTokens };
    const shown = windowLines(text, shownPart(snapshot, window));
    const facts: DocumentFacts = {
      uri,
      languageId,
      text,
      offset,
      positionAt: (at) => document.positionAt(at),
    };
    const timely = (source: string, find: () => Promise<readonly ContextChunk[]>) =>
      this.#chunks.get(`${source} ${key}`, find, DEADLINE_MS);
    const chunks = await Promise.all([
      switches.imports ? timely('imports', () => this.#declarations.imported(facts)) : undefined,
      switches.signature ? timely('signature', () => this.#declarations.aroundCursor(facts)) : undefined,
      switches['recent-edit'] ? timely('recent-edit', () => this.#edits.chunks(uri, shown)) : undefined,
    ]);
    const files = await this.#files.get(key, () => this.#related.read(switches), DEADLINE_MS);
    const diagnostics = switches.diagnostic ? diagnosticsOf(document, offset) : [];
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    const found = [...chunks.flatMap((some) => some ?? []), ...diagnostics];
    const sources = new Set([...found, ...(files ?? [])].map(({ uri: from }) => from));
    await this.#ignored.catchUp([...sources].map((from) => vscode.Uri.parse(from)));
    return {
      snapshot,
      path: pathOf(uri),
      ...(folder === undefined ? {} : { repository: folder.name }),
      chunks: found.filter(({ uri: from }) => this.#allows(from)),
      files: (files ?? []).filter(({ uri: from }) => this.#allows(from)),
      switches,
      maxTokens: settings.maxContextTokens,
      window,
    };
  }

  /** Whether a file may be shown: rules may have changed since it was read. */
  allows(uri: string): boolean {
    return this.#allows(uri);
  }

  /** Nothing that was found before is used any more. */
  forget(): void {
    this.#chunks.clear();
    this.#files.clear();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #allows(uri: string): boolean {
    return this.#texts.allows(vscode.Uri.parse(uri));
  }
}

function diagnosticsOf(document: vscode.TextDocument, offset: number): ContextChunk[] {
  const { uri, languageId } = document;
  const all = vscode.languages
    .getDiagnostics(uri)
    .filter(({ severity }) => severity <= vscode.DiagnosticSeverity.Warning)
    .map(({ range, message }) => ({ line: range.start.line + 1, message }));
  const place = { uri: uri.toString(), path: pathOf(uri) };
  const chunk = diagnosticChunk(place, languageId, all, document.positionAt(offset).line + 1);
  return chunk === undefined ? [] : [chunk];
}
