import type { CompletionTrace } from '../completion/trace';

/** A trace as one line for the log: times, counts and reasons, without the document's name. */
export function traceLine(trace: CompletionTrace): string {
  return Object.entries(trace)
    .filter(([name]) => name !== 'uri')
    .map(([name, value]) => `${name}=${typeof value === 'number' ? Math.round(value) : String(value)}`)
    .join(' ');
}
