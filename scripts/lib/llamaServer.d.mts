/** Types of `llamaServer.mjs` for the benchmarks. */

export interface LlamaServerOptions {
  /** Path of `llama-server`. */
  readonly program: string;
  readonly modelPath: string;
  readonly threads: number;
  /** 0: as many as the model was made for. */
  readonly contextTokens: number;
  /** Instead of what an engine for one editor would be set to. */
  readonly arguments?: readonly string[];
}

export interface LlamaServer {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly pid: number;
  /** From starting the process to its being ready for a prompt. */
  readonly loadMs: number;
  /** What it wrote until then. */
  readonly startLog: string;
  stop(): Promise<void>;
}

/** One event of a stream: a token's text, or the end with what the server counted and timed. */
export interface CompletionEvent {
  readonly content: string;
  /** Ids behind the text, where the request has `return_tokens`. */
  readonly tokens?: readonly number[];
  readonly stop: boolean;
  /** Prompt tokens, at the end. */
  readonly tokens_evaluated?: number;
  readonly timings?: CompletionTimings;
}

/** Times in milliseconds, by the server's own clock. */
export interface CompletionTimings {
  /** Prompt tokens taken from the KV cache. */
  readonly cache_n: number;
  /** Prompt tokens evaluated. */
  readonly prompt_n: number;
  readonly prompt_ms: number;
  readonly predicted_n: number;
  readonly predicted_ms: number;
}

export function startLlamaServer(options: LlamaServerOptions): Promise<LlamaServer>;

export function streamCompletion(
  url: string,
  body: Readonly<Record<string, unknown>>,
): AsyncGenerator<CompletionEvent>;
