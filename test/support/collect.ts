import type { FinishReason, GenerateEvent, GenerateStats } from '../../src/inference/engine';

/** Everything that a generation said. */
export interface Collected {
  readonly text: string;
  readonly reason: FinishReason;
  readonly stats: GenerateStats;
  readonly events: readonly GenerateEvent[];
}

/** Runs a generation to its end. */
export async function collect(events: AsyncIterable<GenerateEvent>): Promise<Collected> {
  const all: GenerateEvent[] = [];
  for await (const event of events) all.push(event);
  const last = all.at(-1);
  if (last?.type !== 'done') throw new Error(`a generation ended with ${last?.type ?? 'nothing'}`);
  const text = all.map((event) => (event.type === 'text' ? event.text : '')).join('');
  return { text, reason: last.reason, stats: last.stats, events: all };
}
