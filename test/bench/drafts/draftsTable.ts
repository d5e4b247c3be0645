import type { BenchReport } from '../benchReport';
import { head, percent, row, spread } from '../markdown';
import { percentile } from '../statistics';
import { draftRatios, msPerToken, type DraftedText } from './measureDrafts';

/** What drafts are worth. */
export function draftsTable({ drafts }: BenchReport): string {
  const kinds = [
    ['edits that people have made', drafts.edits],
    ['fresh code', drafts.fresh],
    ['prose', drafts.prose],
  ] as const;
  return [
    '### Decode with drafts',
    '',
    head([
      '',
      'texts',
      'without, per token',
      'with, per token',
      'times as fast',
      'tokens that drafts had right',
    ]),
    ...kinds.map(([name, texts]) => line(name, texts)),
    '',
    partings([...drafts.fresh, ...drafts.prose]),
  ].join('\n');
}

function line(name: string, texts: readonly DraftedText[]): string {
  const times = (which: 'with' | 'without'): string =>
    `${spread(
      texts.map((text) => msPerToken(text[which])),
      1,
    )} ms`;
  const sum = (of: (text: DraftedText) => number): number =>
    texts.reduce((total, text) => total + of(text), 0);
  return row([
    ...[name, String(texts.length), times('without'), times('with'), spread(draftRatios(texts), 2)],
    percent(sum((text) => text.with.accepted) / sum((text) => text.with.tokens)),
  ]);
}

function partings(answers: readonly DraftedText[]): string {
  const gaps = answers.flatMap(({ parting }) => (parting === undefined ? [] : [parting.gap]));
  if (gaps.length === 0) return 'Every answer was the same with drafts as without.';
  return (
    `${answers.length - gaps.length} of ${answers.length} answers were the same with drafts as without. The others part ` +
    `where two tokens are about as likely: their logits differ by ${percentile(gaps, 100).toFixed(2)} at most in a straight run.`
  );
}
