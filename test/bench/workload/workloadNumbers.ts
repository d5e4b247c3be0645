/** The recorded requests, played by one engine. */
export interface WorkloadNumbers {
  readonly sequences: number;
  /** To the first token, and to the last. Milliseconds, one for each request. */
  readonly firstMs: readonly number[];
  readonly wholeMs: readonly number[];
  /** Prompt tokens that were not in the KV cache, of all requests. */
  readonly evaluated: number;
}
