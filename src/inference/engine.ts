/**
 * The engine as the other rooms see it. No type of the native library appears here, so that a remote server or a
 * test double could stand behind it; what such a one could not do is a capability flag.
 *
 * Only this file and `errors.ts` may be imported by `src/completion/` and `src/assist/`.
 */
import type { WireError } from './errors';

/** Special tokens that a prompt may hold. Code inserts them as ids; text that spells one stays text. */
export const SPECIAL_TOKENS = [
  'fim_prefix',
  'fim_middle',
  'fim_suffix',
  'fim_pad',
  'repo_name',
  'file_sep',
  'endoftext',
  'im_start',
  'im_end',
] as const;

export type SpecialToken = (typeof SPECIAL_TOKENS)[number];

/** A prompt is a list of pieces; neighbouring texts are encoded as one. */
export type PromptPart = { readonly text: string } | { readonly special: SpecialToken };

/** Sampled decoding; a request without it decodes greedily. */
export interface SamplingOptions {
  /** > 0; divides the logits. */
  readonly temperature: number;
  /** Candidates kept, 1 to `EngineCapabilities.maxTopK`. */
  readonly topK: number;
  /** Nucleus kept after top-k, in (0, 1]. */
  readonly topP: number;
  /** Same seed, same model, same machine: same text. Drawn at random when absent. */
  readonly seed?: number;
}

/**
 * `interactive`: somebody waits for it, as for a completion. `background`: pauses between native runs while interactive
 * requests are served, then goes on where it was, as a chat does. The two have KV caches of their own.
 */
export type Priority = 'interactive' | 'background';

export interface GenerateRequest {
  readonly prompt: readonly PromptPart[];
  /** Default: `interactive`. */
  readonly priority?: Priority;
  /**
   * Nobody has asked for it yet. It is served only while the engine has no other request, whatever that one's priority;
   * when one comes it ends with `aborted` at the next native run. What was evaluated stays in the KV cache. Default: false.
   */
  readonly speculative?: boolean;
  /**
   * Upper bound on new tokens; shortened to what the context still holds. 0 evaluates the prompt and writes nothing: a
   * request with the same prompt then begins to write at once.
   */
  readonly maxTokens: number;
  readonly sampling?: SamplingOptions;
  /** Generation ends at these, and they never appear in the text. Default: every special token. */
  readonly stopTokens?: readonly SpecialToken[];
  /** Generation ends where one of these appears, also across tokens; the text ends before it. */
  readonly stopStrings?: readonly string[];
  /**
   * Token healing: the beginning of a word that stands at the end of what the prompt says is left out of it, and the
   * first tokens are chosen among those that spell it. It is no part of the answer's text.
   */
  readonly spell?: string;
  /**
   * Stop tokens are passed over, for the likeliest others, until so many tokens have been written, what is spelled left
   * out. Default: 0.
   */
  readonly minTokens?: number;
  /** Rank of the first token among the likeliest, from 0, below `EngineCapabilities.maxTopK`: for other answers. */
  readonly firstChoice?: number;
  /** Asks for `end-score` events. */
  readonly endScoring?: EndScoring;
  /**
   * For prompts that end with `fim_suffix`, a text and `fim_middle`: most of that text need not be evaluated again when
   * it was a moment ago, behind nearly the same tokens. A keystroke then costs a few tokens in place of all of the
   * suffix; the answer is very nearly what it would be. Default: false, nothing but what a straight run gives. `renew`
   * evaluates all of it, for later requests to take over.
   */
  readonly keepSuffix?: boolean | 'renew';
  /**
   * Whether what repeats text of the prompt or of the answer may be evaluated several tokens at a time. The tokens are
   * chosen as without, from logits that differ by rounding. Default: true.
   */
  readonly drafts?: boolean;
}

/**
 * Where a text goes on behind the place of the answer: at each end of line that is written, and where the first token
 * of that text is, the model says how likely it goes on there.
 */
export interface EndScoring {
  /** What follows the answer in the document. */
  readonly suffix: string;
  /** Tokens of it that are scored, 1 to 16. */
  readonly tokens: number;
}

export type FinishReason = 'stop-token' | 'stop-string' | 'max-tokens' | 'context-full';

/** What one generation cost. Times in milliseconds, pauses for others left out. */
export interface GenerateStats {
  readonly promptTokens: number;
  /** Prompt tokens whose keys and values were still in the KV cache. */
  readonly cachedTokens: number;
  readonly generatedTokens: number;
  readonly queueMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  /** Tokens guessed from what was there already and evaluated together, and those of them that were right. */
  readonly draftedTokens?: number;
  readonly acceptedTokens?: number;
}

export type GenerateEvent =
  /** The prompt has been evaluated; text follows. */
  | { readonly type: 'prefilled'; readonly stats: GenerateStats }
  /**
   * More text: whole UTF-8 characters only, never part of a stop string. `tokens` counts all tokens generated so
   * far, not those of this piece; `logProbability` is how likely the model took all of them to be, the logarithms of
   * their probabilities added up, in nats: at most 0. `accepted` are those of all tokens that a draft had right.
   */
  | {
      readonly type: 'text';
      readonly text: string;
      readonly tokens: number;
      readonly logProbability: number;
      readonly accepted?: number;
    }
  /**
   * The answer may end at `at`, in UTF-16 units of its text: so likely do the first tokens of `EndScoring.suffix` follow
   * there (mean of their logarithms in nats, at most 0). Comes after the text up to there and before any that follows
   * the token of that place.
   */
  | { readonly type: 'end-score'; readonly at: number; readonly logProbability: number }
  /** `logProbability` is that of all tokens and of the stop token behind them, where one has ended the answer. */
  | {
      readonly type: 'done';
      readonly reason: FinishReason;
      readonly stats: GenerateStats;
      readonly logProbability?: number;
    };

export interface EngineCapabilities {
  /** Prompt parts with `special` are honoured. */
  readonly specialTokens: boolean;
  /** A common prefix with the previous prompt is not evaluated again. */
  readonly prefixReuse: boolean;
  /** `countTokens` is there and exact. */
  readonly tokenCounts: boolean;
  readonly maxTopK: number;
}

export type LoadPhase = 'probing' | 'verifying' | 'measuring' | 'converting' | 'loading';

export type EngineStatus =
  | { readonly state: 'stopped' }
  /** `fraction` is from 0 to 1 where the phase can tell. */
  | { readonly state: 'loading'; readonly phase: LoadPhase; readonly fraction?: number }
  | { readonly state: 'ready'; readonly model: LoadedModel }
  | { readonly state: 'working'; readonly model: LoadedModel }
  | { readonly state: 'failed'; readonly error: WireError };

/**
 * How a model's weights are held and multiplied. `exact`: 8-bit blocks, the most faithful. `fast`: rotated, int8 per
 * output channel times 8-bit rows; several times faster where the processor has such instructions. `fast7`: the same
 * with weights of 7 bits, for processors whose 8-bit products saturate.
 */
export const VARIANTS = ['fast', 'fast7', 'exact'] as const;
export type Variant = (typeof VARIANTS)[number];

/** `auto`: measured once per machine. */
export type VariantChoice = 'auto' | Variant;

/** How a variant was chosen by measuring. */
export interface VariantReport {
  /** For people. */
  readonly reason: string;
  readonly measured: readonly {
    readonly variant: Variant;
    /** Of the whole model, estimated from a slice of it. */
    readonly prefillTokensPerSecond: number;
    readonly decodeTokensPerSecond: number;
    /** Mean KL divergence to `exact` over the check's prompt, in nats. */
    readonly klToExact?: number;
    readonly accepted: boolean;
    readonly note?: string;
  }[];
}

/** What a session is doing; `idle`: loaded, waiting for requests. */
export type SessionPhase = 'loading' | 'idle' | 'running';

/**
 * How an earlier process with a session in it ended that did not close it: it crashed or was killed, by a person or
 * by a system short of memory. Which of these, nobody can tell afterwards.
 */
export interface PreviousEnd {
  /** What it was last known to do; a crash by its own fault comes in `loading` or `running`. */
  readonly phase: SessionPhase;
  readonly model: string;
  /** `auto` where it ended before one was chosen. */
  readonly variant: VariantChoice;
  /** When it was last known to live, in milliseconds since 1970. */
  readonly at: number;
}

export interface LoadedModel {
  readonly name: string;
  readonly architecture: string;
  readonly variant: Variant;
  /** Tokens that prompt and answer may fill together. */
  readonly contextTokens: number;
  readonly threads: number;
  readonly loadMs: number;
  /** Time spent on converting at this start; 0 when the converted files were there. */
  readonly convertMs: number;
  /** Why this variant; absent where nothing was chosen between. */
  readonly choice?: VariantReport;
  /** The last session that ended unexpectedly, where this start was the first to find its traces. */
  readonly previousEnd?: PreviousEnd;
}

export interface Engine {
  readonly capabilities: EngineCapabilities;
  readonly status: EngineStatus;

  /** Calls back at each change; returns the function that ends it. */
  onStatus(listener: (status: EngineStatus) => void): () => void;

  /** Loads the model if it is not loaded. Concurrent calls share one load. @throws EngineError */
  start(): Promise<LoadedModel>;

  /**
   * Generates text. The model is loaded on demand; requests of the same priority are served one after the other.
   * Leaving the loop early or aborting the signal stops the generation at the next token or prefill chunk.
   *
   * @throws EngineError `aborted` once the signal is aborted, otherwise by the code of what failed
   */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateEvent>;

  /** Number of tokens of a text, where the capability says so. @throws EngineError */
  countTokens?(text: string): Promise<number>;

  /**
   * Background generations pause between their native runs until the returned function is called, as they do for
   * interactive ones of this engine: for requests of another engine on the same machine.
   */
  hold?(): () => void;

  /** Aborts what runs, waits for it, and frees everything. Later calls throw `shutting-down`. */
  dispose(): Promise<void>;
}
