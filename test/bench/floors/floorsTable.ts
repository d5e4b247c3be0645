import type { BenchReport } from '../benchReport';
import { head, percent, row } from '../markdown';

/** How near ours comes to the bare work. */
export function floorsTable({ floors }: BenchReport): string {
  const line = (what: string, bareMs: number, ms: number, wanted: string): string =>
    row([what, `${bareMs.toFixed(1)} ms`, `${ms.toFixed(1)} ms`, percent(bareMs / ms), wanted]);
  return [
    '### Beside the bare work',
    '',
    head(['', 'bare', 'ours', 'share', 'target']),
    ...floors.prefill.map(({ tokens, productsMs, ms }) =>
      line(`prefill of ${tokens} tokens, beside its int8 products alone`, productsMs, ms, '≥ 60 %'),
    ),
    line('one token, beside reading the matrices once', floors.decode.readingMs, floors.decode.ms, '≥ 70 %'),
    '',
    'The bare work is the fastest of six rounds, its matrices in the processor’s caches where they fit.',
  ].join('\n');
}
