/** Ghost text: asks completion at each keystroke and hands its answer to the editor. */
import * as vscode from 'vscode';
import type { CursorScopes } from '../assist/syntax/cursorScope';
import type { Clock } from '../completion/clock';
import {
  Completer,
  DEFAULT_COMPLETER_OPTIONS,
  type CallOptions,
  type CompleterOptions,
  type SuggestionLength,
} from '../completion/completer';
import type { ContextProvider } from '../completion/context/contextKeeper';
import type { Pace } from '../completion/pace';
import { none, type CompletionOutcome, type Suggestion } from '../completion/outcome';
import type { DocumentSnapshot } from '../completion/snapshot';
import type { CompletionTrace, CompletionTrigger } from '../completion/trace';
import type { Engine } from '../inference/engine';
import { EngineError } from '../inference/errors';
import { abortOnCancel, unlessAborted } from './abortOnCancel';
import type { DisposableLike } from './disposables';
import { lengthOf, lineAround } from './documentFacts';
import type { EngineService } from './engineService';
import type { IgnoredFiles } from './ignoredFiles';
import { Listeners } from './listeners';
import type { ReadOnlyDocuments } from './readOnlyDocuments';
import {
  asksForScope,
  automaticGateReason,
  gateReason,
  inShort,
  type DocumentFacts,
  type GateReason,
  type ProviderAnswer,
} from './requestGate';
import type { SyntaxJudge } from '../completion/syntaxGuard';
import { RequestIntents } from './requestIntents';
import { extendSelectedItem } from './selectedItem';
import type { SettingValues } from './settingValues';

/** Every document; `gateReason` names the exceptions, so that each of them has a reason in the log. */
export const EVERY_DOCUMENT: vscode.DocumentSelector = { pattern: '**' };

/**
 * How long a suggestion waits to know whether its cursor is in a comment, in milliseconds: about as long as the pause
 * in typing that it waits for anyway. What is not known by then counts as code.
 */
const SCOPE_LIMIT_MS = 100;

export interface InlineProviderDeps {
  readonly engines: EngineService;
  readonly settings: (document: vscode.TextDocument) => SettingValues;
  readonly ignored: IgnoredFiles;
  /** What prompts show of other places. */
  readonly context: ContextProvider;
  readonly readOnly: Pick<ReadOnlyDocuments, 'has'>;
  readonly scopes: Pick<CursorScopes, 'scopeAt'>;
  readonly syntax: SyntaxJudge;
  readonly clock: Clock;
  /** One line per request; never text of the document. */
  readonly log: (line: string) => void;
  readonly onTrace: (trace: CompletionTrace) => void;
}

/** One request of the editor and what became of it. */
export interface AnsweredRequest {
  readonly trigger: CompletionTrigger;
  readonly document: vscode.TextDocument;
  readonly position: vscode.Position;
  readonly answer: ProviderAnswer;
  /** Counts the requests, from 1. */
  readonly number: number;
  /** From the request to the answer, in milliseconds. */
  readonly ms: number;
  /** Absent where completion was not asked. */
  readonly trace?: CompletionTrace;
  /** What the editor is given. */
  readonly item?: vscode.InlineCompletionItem;
  /** Name of the model that answered, where one was loaded. */
  readonly model?: string;
}

/** How a request is to be served. */
interface Request {
  readonly trigger: CompletionTrigger;
  readonly token: vscode.CancellationToken;
  readonly options: CallOptions;
  /** Suggestions beside the one that is there. */
  readonly wantsOthers: boolean;
}

/** How a request was served. */
interface Served {
  readonly answer: ProviderAnswer;
  readonly item: vscode.InlineCompletionItem | undefined;
  /** Beside it, where others were asked for. */
  readonly others?: readonly vscode.InlineCompletionItem[];
  readonly trace?: CompletionTrace | undefined;
}

/** A request of the editor that is being worked on. */
export interface PendingRequest {
  readonly document: vscode.TextDocument;
  readonly position: vscode.Position;
  /** By the provider's clock. */
  readonly startedAt: number;
}

export class InlineProvider implements vscode.InlineCompletionItemProvider, DisposableLike {
  #completer: { readonly engine: Engine; readonly completer: Completer } | undefined;
  #requests = 0;
  readonly #pending = new Set<PendingRequest>();
  #lastOutcome: CompletionOutcome | undefined;
  readonly #intents: RequestIntents;
  /** Document, version and place of the last request, where it was made by hand. */
  #askedAt: string | undefined;
  /** By what completion was asked with. */
  readonly #traces = new WeakMap<DocumentSnapshot, CompletionTrace>();
  readonly #answered = new Listeners<AnsweredRequest>();

  constructor(private readonly deps: InlineProviderDeps) {
    this.#intents = new RequestIntents(() => deps.clock.now());
  }

  /** Requests of the editor so far. */
  get requests(): number {
    return this.#requests;
  }

  /** What is being worked on now, oldest first. */
  get pending(): readonly PendingRequest[] {
    return [...this.#pending];
  }

  /** Completion's last answer; requests that the settings keep from it leave it alone. */
  get lastOutcome(): CompletionOutcome | undefined {
    return this.#lastOutcome;
  }

  readonly onAnswered = this.#answered.listen;

  /** The next request in a document repeats an automatic one; see {@link RequestIntents.repeat}. */
  repeatNext(document: vscode.TextDocument): void {
    this.#intents.repeat(document.uri.toString());
  }

  /** The next request in a document is made because a suggestion was accepted there. */
  acceptedBefore(document: vscode.TextDocument): void {
    this.#intents.accepted(document.uri.toString());
  }

  /** The next request comes from a command of ours and wants so much. */
  wantNext(length: SuggestionLength): void {
    this.#intents.command(length);
  }

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    const number = ++this.#requests;
    const uri = document.uri.toString();
    const invoked = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const { byHand, atOnce, commanded } = this.#intents.take(uri, invoked);
    const trigger: CompletionTrigger = byHand ? 'explicit' : 'automatic';
    const options: CallOptions = {
      length: commanded ?? 'auto',
      atOnce: atOnce || document.lineAt(position.line).isEmptyOrWhitespace,
    };
    // The editor itself asks by hand for the next one of several, but not where the first one was asked for by hand;
    // there, asking once more means others.
    const place = `${uri} ${document.version} ${document.offsetAt(position)}`;
    const again = commanded === 'auto' && this.#askedAt === place;
    const wantsOthers = byHand && (commanded === undefined || again);
    this.#askedAt = byHand ? place : undefined;
    const startedAt = this.deps.clock.now();
    const pending: PendingRequest = { document, position, startedAt };
    this.#pending.add(pending);
    try {
      const {
        answer,
        item,
        others = [],
        trace,
      } = await this.#serve(document, position, context, {
        trigger,
        token,
        options,
        wantsOthers,
      });
      const ms = this.deps.clock.now() - startedAt;
      const said = `${inShort(answer)}, ${Math.round(ms)} ms`;
      this.deps.log(`request ${number} (${trigger}, ${document.languageId}): ${said}`);
      const facts = {
        ...(trace === undefined ? {} : { trace }),
        // An answer that the editor no longer wants is not given to it.
        ...(item === undefined || token.isCancellationRequested ? {} : { item }),
        ...(this.#modelName === undefined ? {} : { model: this.#modelName }),
      };
      this.#answered.fire({ trigger, document, position, answer, number, ms, ...facts });
      return item === undefined ? [] : [item, ...others];
    } finally {
      this.#pending.delete(pending);
    }
  }

  get #modelName(): string | undefined {
    const { status } = this.deps.engines;
    return status.state === 'ready' || status.state === 'working' ? status.model.name : undefined;
  }

  /** What suggestions that come by themselves have come to on this machine. */
  get pace(): Pace {
    return this.#completer?.completer.pace ?? 'full';
  }

  /** Why nothing is suggested by itself in this document now; undefined where it is. */
  gateNow(document: vscode.TextDocument): GateReason | undefined {
    const settings = this.deps.settings(document);
    return (
      gateReason(settings, this.#factsOf(document)) ??
      automaticGateReason(settings, { cursors: cursorsIn(document) })
    );
  }

  dispose(): void {
    this.#completer?.completer.dispose();
    this.#completer = undefined;
    this.#answered.dispose();
  }

  async #serve(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    request: Request,
  ): Promise<Served> {
    const settings = this.deps.settings(document);
    const { ignored } = this.deps;
    if (!ignored.loaded) {
      await ignored.ready();
      if (request.token.isCancellationRequested) return { answer: none('cancelled'), item: undefined };
    }
    const reason =
      gateReason(settings, this.#factsOf(document)) ??
      (request.trigger === 'automatic'
        ? automaticGateReason(settings, {
            cursors: cursorsIn(document),
            line: lineAround(document, position),
          })
        : undefined);
    if (reason !== undefined) return { answer: gated(reason), item: undefined };
    // Before any wait: the document changes under us, the snapshot does not.
    const snapshot: DocumentSnapshot = {
      uri: document.uri.toString(),
      languageId: document.languageId,
      version: document.version,
      text: document.getText(),
      offset: document.offsetAt(position),
    };
    const selected = context.selectedCompletionInfo;
    const selectedItem = selected && {
      start: document.offsetAt(selected.range.start),
      end: document.offsetAt(selected.range.end),
      text: selected.text,
    };
    // Suggestions begin and end on the cursor's line, so their columns follow from the offsets.
    const lineStart = snapshot.offset - position.character;
    const rangeOf = (start: number, end: number): vscode.Range =>
      new vscode.Range(position.line, start - lineStart, position.line, end - lineStart);

    if (request.trigger === 'automatic' && asksForScope(settings)) {
      const scope = await this.deps.scopes.scopeAt(snapshot, SCOPE_LIMIT_MS);
      const quiet = automaticGateReason(settings, { cursors: 1, scope });
      if (quiet !== undefined) return { answer: gated(quiet), item: undefined };
    }
    const outcome = await abortOnCancel(request.token, async (signal) => {
      // From the choice of the engine to its answer, the pause in typing included, it must not be released.
      const used = this.deps.engines.use();
      try {
        const engine = await this.#engineFor(request.trigger, signal);
        if (!isEngine(engine)) return engine;
        const completer = this.#completerFor(engine, settings);
        return await completer.complete(snapshot, request.trigger, signal, request.options);
      } finally {
        used();
      }
    });
    this.#lastOutcome = outcome;
    const trace = this.#traces.get(snapshot);
    if (outcome.kind === 'none') return { answer: outcome, item: undefined, trace };
    if (selectedItem === undefined) {
      const { start, end } = outcome.range;
      const item = new vscode.InlineCompletionItem(outcome.text, rangeOf(start, end));
      const others =
        request.wantsOthers && outcome.source !== 'engine'
          ? await this.#others(snapshot, outcome, request.token)
          : [];
      const itemOf = (other: Suggestion): vscode.InlineCompletionItem =>
        new vscode.InlineCompletionItem(other.text, rangeOf(other.range.start, other.range.end));
      return { answer: outcome, item, others: others.map(itemOf), trace };
    }
    const agreed = extendSelectedItem(snapshot.text, replacementOf(outcome), selectedItem);
    if (agreed === undefined) return { answer: gated('disagrees-with-list'), item: undefined, trace };
    const item = new vscode.InlineCompletionItem(agreed.text, rangeOf(agreed.start, agreed.end));
    return { answer: outcome, item, trace };
  }

  async #others(
    snapshot: DocumentSnapshot,
    shown: Suggestion,
    token: vscode.CancellationToken,
  ): Promise<Suggestion[]> {
    const completer = this.#completer?.completer;
    if (completer === undefined || this.deps.engines.loaded === undefined) return [];
    const used = this.deps.engines.use();
    try {
      return await abortOnCancel(token, (signal) => completer.alternatives(snapshot, shown, signal));
    } finally {
      used();
    }
  }

  /**
   * An engine that is loaded, or why there is none. Automatic requests never wait for a load: they begin one and
   * go without.
   */
  async #engineFor(trigger: CompletionTrigger, signal: AbortSignal): Promise<Engine | CompletionOutcome> {
    const { engines } = this.deps;
    if (engines.loaded !== undefined) return engines.loaded;
    if (trigger === 'automatic') {
      engines.warmUp();
      return none('engine-not-ready', engines.status.state);
    }
    try {
      return (await unlessAborted(engines.ready(), signal)) ?? none('cancelled');
    } catch (error) {
      return { kind: 'none', reason: 'engine-failed', error: EngineError.from(error) };
    }
  }

  #factsOf(document: vscode.TextDocument): DocumentFacts {
    return {
      scheme: document.uri.scheme,
      languageId: document.languageId,
      length: lengthOf(document),
      readOnly: this.deps.readOnly.has(document),
      ignored: this.deps.ignored.silences(document.uri),
    };
  }

  /** One completer per engine: what it remembers was written by that engine's model. */
  #completerFor(engine: Engine, settings: SettingValues): Completer {
    const options = completerOptions(settings);
    const { clock, onTrace, context } = this.deps;
    if (this.#completer?.engine !== engine) {
      this.#completer?.completer.dispose();
      const traced = (trace: CompletionTrace, snapshot: DocumentSnapshot): void => {
        this.#traces.set(snapshot, trace);
        onTrace(trace);
      };
      const completer = new Completer(engine, options, clock, traced, context, this.deps.syntax);
      this.#completer = { engine, completer };
    } else {
      this.#completer.completer.setOptions(options);
    }
    return this.#completer.completer;
  }
}

const completerOptions = (settings: SettingValues): CompleterOptions => ({
  ...DEFAULT_COMPLETER_OPTIONS,
  maxPrefixTokens: settings.maxPrefixTokens,
  maxSuffixTokens: settings.maxSuffixTokens,
  maxNewTokens: settings.maxNewTokens,
  maxContextTokens: settings.maxContextTokens,
  debounceMs: settings.debounceMs,
  minProbability: settings.minProbability,
  early: settings.suggestAhead,
  ahead: settings.suggestAhead,
  keepSuffix: settings.keepSuffix,
});

const isEngine = (value: Engine | CompletionOutcome): value is Engine => 'generate' in value;

const gated = (reason: GateReason): ProviderAnswer => ({ kind: 'none', reason });

const replacementOf = ({ range, text }: Suggestion) => ({ start: range.start, end: range.end, text });

function cursorsIn(document: vscode.TextDocument): number {
  const editor = vscode.window.activeTextEditor;
  return editor?.document === document ? editor.selections.length : 1;
}
