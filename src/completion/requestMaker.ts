/** What is asked of the engine for a place: window, other places, how much is written, and what the end rules know. */
import type { Engine, GenerateRequest } from '../inference/engine';
import type { CompleterOptions } from './completerOptions';
import type { ContextProvider } from './context/contextKeeper';
import { toLineFeeds } from './endOfLine';
import { endRuleContext, type EndRuleContext } from './endRules/endRule';
import { estimateTokens } from './estimateTokens';
import { FIM_PROMPT_SPECIALS, fimRequest } from './fimPrompt';
import type { Pace } from './pace';
import type { DocumentSnapshot } from './snapshot';
import { maxNewTokensFor, type SuggestionLength } from './suggestionLength';
import type { PromptPiece } from './trace';
import { begunWord } from './tokenHealing';
import { WindowChooser, type WindowBudget } from './window';

/** What the estimate may be wrong by when a prompt must fit the model's context. */
const ESTIMATE_MARGIN = 1.25;
/** What a slow machine reads of what the options allow. */
const SLOWED_SHARE = 0.5;

export interface MadeRequest {
  readonly request: GenerateRequest;
  readonly context: EndRuleContext;
  readonly pieces: readonly PromptPiece[];
  /** Of the whole prompt. */
  readonly estimatedTokens: number;
}

export class RequestMaker {
  readonly #windows = new WindowChooser();

  constructor(
    private readonly engine: Pick<Engine, 'status'>,
    private readonly context: ContextProvider | undefined,
  ) {}

  /** @param pace what the machine is asked for */
  make(
    snapshot: DocumentSnapshot,
    wanted: SuggestionLength,
    pace: Pace,
    options: CompleterOptions,
  ): MadeRequest {
    const { text, offset, languageId } = snapshot;
    const length = wanted === 'auto' && pace === 'one-line' ? 'line' : wanted;
    const maxNewTokens = maxNewTokensFor(length, options.maxNewTokens);
    const budget = this.#budget(options, maxNewTokens, pace === 'full' ? 1 : SLOWED_SHARE);
    const window = this.#windows.choose(snapshot, budget);
    const prefix = toLineFeeds(text.slice(window.start, offset));
    const suffix = toLineFeeds(text.slice(offset, window.end));
    const around = this.context?.contextFor(snapshot, window, budget.contextTokens);
    const pieces: readonly PromptPiece[] = [
      ...(around === undefined ? [] : [{ kind: 'other places', tokens: around.tokens } as const]),
      { kind: 'before the cursor', tokens: estimateTokens(prefix) },
      { kind: 'after the cursor', tokens: estimateTokens(suffix) },
    ];
    return {
      request: fimRequest(prefix, suffix, maxNewTokens, {
        ...(around !== undefined && { context: around.parts }),
        spell: options.healing ? begunWord(prefix, suffix) : '',
        keepSuffix: options.keepSuffix,
      }),
      context: endRuleContext(languageId, prefix, suffix, length),
      pieces,
      estimatedTokens: pieces.reduce((sum, { tokens }) => sum + tokens, FIM_PROMPT_SPECIALS),
    };
  }

  /** The options' budget, less where the loaded model's context is smaller: then other places give way first. */
  #budget(
    options: CompleterOptions,
    maxNewTokens: number,
    share: number,
  ): WindowBudget & { readonly contextTokens: number } {
    const shareOf = (tokens: number): number => Math.floor(tokens * share);
    const { status } = this.engine;
    const known =
      status.state === 'ready' || status.state === 'working' ? status.model.contextTokens : Infinity;
    const room = Math.max(0, (known - maxNewTokens - FIM_PROMPT_SPECIALS) / ESTIMATE_MARGIN);
    const suffixTokens = Math.min(shareOf(options.maxSuffixTokens), Math.floor(room / 4));
    const prefixTokens = Math.min(shareOf(options.maxPrefixTokens), Math.floor(room - suffixTokens));
    const left = Math.floor(room - suffixTokens - prefixTokens);
    return { suffixTokens, prefixTokens, contextTokens: Math.min(shareOf(options.maxContextTokens), left) };
  }
}
