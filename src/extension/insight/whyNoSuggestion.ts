/** *Why Was There No Suggestion Here?*: looks at the cursor and tells. */
import { LRUCache } from 'lru-cache';
import * as vscode from 'vscode';
import type { Clock } from '../../completion/clock';
import { COMMANDS } from '../commandIds';
import { Disposables, type DisposableLike } from '../disposables';
import { lengthOf } from '../documentFacts';
import type { EngineService } from '../engineService';
import type { ErrorNotifier } from '../errorNotifier';
import type { InlineProvider } from '../inlineProvider';
import type { Settings } from '../settings';
import type { CompletionLog } from './completionLog';
import { explain, type Explanation, type WhyFacts } from './explanation';
import { COMPLETION_LOG, type Remedy } from './remedies';

/** A request that far from the cursor, on its line, still is the one that is meant. */
const NEAR_COLUMNS = 20;
/** Documents of which it is remembered where they changed last. */
const REMEMBERED_DOCUMENTS = 50;
/** More buttons than this do not fit into a notification. */
const MAX_REMEDIES = 3;

export interface WhyDeps {
  readonly provider: InlineProvider;
  readonly log: CompletionLog;
  readonly engines: EngineService;
  readonly settings: Settings;
  readonly errors: Pick<ErrorNotifier, 'run'>;
  readonly clock: Clock;
}

export class WhyNoSuggestion implements DisposableLike {
  readonly #owned = new Disposables();
  /** First and last line of the newest change, by document. */
  readonly #changes = new LRUCache<string, readonly [number, number]>({ max: REMEMBERED_DOCUMENTS });

  constructor(private readonly deps: WhyDeps) {
    this.#owned.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges: [change] }) => {
        if (change === undefined) return;
        const first = change.range.start.line;
        this.#changes.set(document.uri.toString(), [first, first + change.text.split('\n').length - 1]);
      }),
    );
  }

  /** Explains the active editor's cursor in a notification, and goes the way out that is chosen. */
  async show(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage(
        'Open a file and put the cursor where you miss a suggestion.',
      );
      return;
    }
    const { happened, advice, remedies } = this.explainAt(editor.document, editor.selection.active);
    const offered = remedies.slice(0, MAX_REMEDIES);
    if (!offered.includes(COMPLETION_LOG)) offered.push(COMPLETION_LOG);
    const items = offered.map((remedy) => ({ title: remedy.label, remedy }));
    const chosen = await vscode.window.showInformationMessage(`${happened} ${advice}`, ...items);
    if (chosen !== undefined) await this.#run(chosen.remedy);
  }

  explainAt(document: vscode.TextDocument, position: vscode.Position): Explanation {
    return explain(this.#facts(document, position));
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #facts(document: vscode.TextDocument, position: vscode.Position): WhyFacts {
    const { provider, log, engines, settings, clock } = this.deps;
    const uri = document.uri.toString();
    const { line, character: column } = position;
    const pending = provider.pending.find((one) => one.document === document && one.position.line === line);
    const [first, last] = this.#changes.get(uri) ?? [-1, -1];
    return {
      languageId: document.languageId,
      length: lengthOf(document),
      lengthLimit: settings.valuesFor(document).maxDocumentCharacters,
      engine: engines.status,
      ghostTextShown:
        vscode.workspace.getConfiguration('editor', document).get<boolean>('inlineSuggest.enabled') ?? true,
      gate: provider.gateNow(document),
      pendingMs: pending && clock.now() - pending.startedAt,
      last: log.lastAt({ uri, line, column }, NEAR_COLUMNS),
      changedHere: first <= line && line <= last,
    };
  }

  async #run(remedy: Remedy): Promise<void> {
    if ('errorAction' in remedy) {
      await this.deps.errors.run(remedy.errorAction);
      return;
    }
    if ('acceptCharacters' in remedy) {
      await this.deps.settings.setMaxDocumentCharacters(remedy.acceptCharacters);
    } else await vscode.commands.executeCommand(remedy.command, ...(remedy.arguments ?? []));
    if (letsComeAgain(remedy)) await vscode.commands.executeCommand(COMMANDS.trigger);
  }
}

/** Whoever has switched on what was off wants to see what was missed. */
const letsComeAgain = (remedy: Remedy): boolean =>
  'acceptCharacters' in remedy ||
  ('command' in remedy && (remedy.command === COMMANDS.enable || remedy.command === COMMANDS.enableLanguage));
