import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fimPrompt } from '../../../src/completion/fimPrompt';
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { tokenizerFromGguf } from '../../../src/inference/tokenizer/fromGguf';
import type { Tokenizer } from '../../../src/inference/tokenizer/tokenizer';
import { llamaFiller } from '../../bench/llamaFiller';
import { TINY_TIED } from '../../support/tinyModel';

const TASK = { task_id: 'T/0', prompt: 'def f(x):\n', suffix: '\nprint(f(1))\n' };
const { signal } = new AbortController();

interface Piece {
  readonly content: string;
  readonly tokens: readonly number[];
}

describe('llamaFiller', () => {
  let tokenizer: Tokenizer;
  let server: Server;
  /** What the server writes, one event each, and what it was asked. */
  let pieces: readonly Piece[];
  let asked: Record<string, unknown>;

  before(async () => {
    tokenizer = tokenizerFromGguf((await readGguf(TINY_TIED)).metadata);
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked = JSON.parse(body) as Record<string, unknown>;
        for (const piece of pieces) response.write(`data: ${JSON.stringify({ ...piece, stop: false })}\n\n`);
        response.end('data: {"content":"","tokens":[],"stop":true}\n\n');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  const filler = (contextTokens = 512) =>
    llamaFiller({
      address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...{ tokenizer, contextTokens, maxTokens: 128 },
    });
  const text = (content: string): Piece => ({ content, tokens: [0] });

  it('asks greedily for the bare prompt as our own ids', async () => {
    pieces = [text('    return x')];
    await filler()(TASK, signal);
    assert.deepEqual(asked['prompt'], tokenizer.encodePrompt(fimPrompt(TASK.prompt, TASK.suffix)));
    const { n_predict, temperature, top_k, cache_prompt } = asked;
    assert.deepEqual([n_predict, temperature, top_k, cache_prompt], [128, 0, 1, false]);
  });

  it('ends with the first line, of which it keeps the end', async () => {
    pieces = [text('    return x'), text('\n    y'), text(' = 2\n')];
    assert.deepEqual(await filler()(TASK, signal), { completion: '    return x\n', endedBy: 'first-line' });
  });

  it('ends at a special token that the server writes on behind', async () => {
    const special = tokenizer.specialId('fim_suffix') as number;
    pieces = [text('    return x'), { content: '', tokens: [special] }, text(' + 1')];
    assert.deepEqual(await filler()(TASK, signal), {
      completion: '    return x\n',
      endedBy: 'special-token',
    });
  });

  it('takes what there is where the server ends', async () => {
    pieces = [text('    return x')];
    assert.deepEqual(await filler()(TASK, signal), { completion: '    return x\n', endedBy: 'llama-server' });
  });

  it('refuses a task that the context does not hold, rather than cutting it', async () => {
    await assert.rejects(filler(130)(TASK, signal), RangeError);
  });
});
