import type { Engine, GenerateRequest } from '../inference/engine';

/**
 * Has the engine evaluate the prompt of a request that may follow, while a pause in typing is waited for. The request
 * then waits its turn behind this one and begins to write at once. Nothing depends on how it ends: what went wrong shows
 * with the request itself, and chunks that were evaluated before an abort stay in the KV cache.
 *
 * Loads no model: who only types does not ask for that.
 *
 * @param signal ends it at the next chunk
 */
export async function prefillEarly(
  engine: Engine,
  request: GenerateRequest,
  signal: AbortSignal,
): Promise<void> {
  const { state } = engine.status;
  if (state !== 'ready' && state !== 'working') return;
  try {
    for await (const event of engine.generate({ ...request, maxTokens: 0 }, signal)) void event;
  } catch {
    // See above.
  }
}
