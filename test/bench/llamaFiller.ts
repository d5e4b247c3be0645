import { streamCompletion } from '../../scripts/lib/llamaServer.mjs';
import { endsLine, firstLineOf, type Filler } from '../../src/cli/infill/fillers';
import { fimPrompt } from '../../src/completion/fimPrompt';
import type { Tokenizer } from '../../src/inference/tokenizer/tokenizer';

export interface LlamaFillerOptions {
  /** Of the server. */
  readonly address: string;
  readonly tokenizer: Tokenizer;
  readonly contextTokens: number;
  readonly maxTokens: number;
}

/** No prompt is cut and nothing of an earlier one is used, so that no answer depends on the tasks before it. */
const GREEDY = { samplers: ['top_k'], top_k: 1, temperature: 0, cache_prompt: false, return_tokens: true };

/**
 * Fills a hole of one line by llama.cpp's server as `rawFiller` does by our engine: the bare prompt, as our
 * tokenizer's ids, the likeliest token each time, until a special token, the limit or the end of the first line.
 * @returns a filler that throws RangeError for a task that does not fit
 */
export function llamaFiller({ address, tokenizer, contextTokens, maxTokens }: LlamaFillerOptions): Filler {
  return async ({ task_id, prompt, suffix }) => {
    const ids = tokenizer.encodePrompt(fimPrompt(prompt, suffix));
    if (ids.length + maxTokens > contextTokens) {
      throw new RangeError(`${task_id} has ${ids.length} tokens; the context holds ${contextTokens}.`);
    }
    const request = { ...GREEDY, prompt: ids, n_predict: maxTokens };
    let text = '';
    let endedBy = 'llama-server';
    for await (const event of streamCompletion(`${address}/completion`, request)) {
      // The server ends at tokens that end a text, but writes on behind other special ones, and does not show them.
      if (event.tokens?.some((token) => tokenizer.isSpecial(token)) === true) endedBy = 'special-token';
      else text += event.content;
      if (endsLine(text)) endedBy = 'first-line';
      if (endedBy !== 'llama-server') break;
    }
    return { completion: firstLineOf(text), endedBy };
  };
}
