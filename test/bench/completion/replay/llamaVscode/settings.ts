/**
 * llama.vscode 0.0.63 (MIT, https://github.com/ggml-org/llama.vscode) seen from outside: what it sends to llama.cpp's
 * server and what it shows of the answers, at the defaults of its settings. Written from its behaviour; the recording of
 * the real extension that the tests hold this against is `test/fixtures/llamaVscode/`.
 */
export const LLAMA_VSCODE = {
  version: '0.0.63',
  /** Lines around the cursor. */
  prefixLines: 256,
  suffixLines: 64,
  maxTokens: 128,
  /** Completions per request, to switch between. */
  completions: 3,
  maxPromptMs: 500,
  maxPredictMs: 500,
  /** It asks nothing by itself where more stands behind the cursor on its line, in UTF-16 units. */
  maxLineSuffix: 8,
  cachedSuggestions: 250,
  /** While a request is under way, the next one looks so often whether it is over. */
  pollMs: 150,
  /** Context: pieces of files in a ring, taken over one by one when nothing has been asked for a while. */
  chunks: 16,
  chunkLines: 64,
  queuedChunks: 16,
  scopeLines: 1024,
  ringUpdateMs: 1000,
  ringQuietMs: 3000,
  /** The cursor must have moved so far for its surroundings to be taken again. */
  pickDistanceLines: 32,
  /** Pieces that share more of their lines than this take each other's place. */
  sameShare: 0.9,
} as const;

/** Without it nothing is sent; the server's sampling defaults are its own business. */
export const SAMPLING = {
  top_k: 40,
  top_p: 0.99,
  stream: false,
  samplers: ['top_k', 'top_p', 'infill'],
  cache_prompt: true,
} as const;
