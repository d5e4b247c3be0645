import type { CompletionTrace } from '../completion/trace';

/** A trace as one line for the log: times, counts and reasons, without names of documents. */
export function traceLine(trace: CompletionTrace): string {
  return Object.entries(trace)
    .filter(([name]) => name !== 'uri')
    .map(([name, value]) => `${name}=${inOneWord(value as CompletionTrace[keyof CompletionTrace])}`)
    .join(' ');
}

function inOneWord(value: CompletionTrace[keyof CompletionTrace]): string {
  if (typeof value === 'number') return `${Math.round(value)}`;
  if (typeof value !== 'object') return String(value);
  return value
    .map((one) => (typeof one === 'string' ? one : `${one.kind.replaceAll(' ', '-')}:${one.tokens}`))
    .join(',');
}
