/** The kept suffix as a table. */
import { head, row } from '../../markdown';
import { percentile } from '../../statistics';
import type { KeptInfillMeasured } from './keptInfill';
import {
  BEYOND,
  HEADS,
  type EditMeasured,
  type Head,
  type KeptAndEdited,
  type KeptMeasured,
  type KeptPlace,
} from './measureKept';

export interface KeptSuffixMeasured extends KeptAndEdited {
  readonly infill: readonly KeptInfillMeasured[];
}

export function keptTables({ kept, edited, infill }: KeptSuffixMeasured): string {
  const tables = [keptTable(kept)];
  if (edited.length > 0) tables.push(editedTable(edited));
  if (infill.length > 0) tables.push(infillTable(infill));
  return tables.join('\n\n');
}

function keptTable(measured: readonly KeptMeasured[]): string {
  const drifts = [...new Set(measured.map(({ drift }) => drift))];
  const cell = (drift: number, of: Head): string => {
    const places = measured.find((each) => each.drift === drift && each.head === of)?.places ?? [];
    return cells(places);
  };
  return [
    '### The kept suffix',
    '',
    head(['typed since', ...HEADS.map(nameOf)]),
    ...drifts.map((drift) => row([tokens(drift), ...HEADS.map((of) => cell(drift, of))])),
    '',
    `${measured[0]?.places.length ?? 0} places. Mean and 90th percentile of the KL divergence of the first token, in nats; share of the places ` +
      'where that token is the same, and where all greedy ones are.',
  ].join('\n');
}

function editedTable(measured: readonly EditMeasured[]): string {
  const edits = [...new Set(measured.map(({ edit }) => edit))];
  const cell = (edit: number, beyond: number): string =>
    cells(measured.find((each) => each.edit === edit && each.beyond === beyond)?.places ?? []);
  return [
    head([
      'deleted from the suffix',
      ...BEYOND.map((beyond) => `evaluated anew: up to it, and ${tokens(beyond)} more`),
    ]),
    ...edits.map((edit) => row([`token ${edit + 1}`, ...BEYOND.map((beyond) => cell(edit, beyond))])),
    '',
    'The same places, one token typed, and one deleted from the suffix behind the cursor since it was evaluated.',
  ].join('\n');
}

function infillTable(measured: readonly KeptInfillMeasured[]): string {
  const kinds = { singleLine: 'single-line', multiLine: 'multi-line' };
  return [
    head(['HumanEval-Infilling', 'typed since', 'pass@1', 'filled the same', 'tokens evaluated']),
    ...measured.map(({ kind, typedTokens, tasks, passAt1, sameText, evaluatedEach }) =>
      row([
        `${kinds[kind]}, ${tasks} tasks`,
        typedTokens === 0 ? 'all evaluated' : tokens(typedTokens),
        `${(100 * passAt1).toFixed(1)} %`,
        typedTokens === 0 ? '' : `${(100 * sameText).toFixed(1)} %`,
        evaluatedEach.toFixed(0),
      ]),
    ),
    '',
    'As the editor fills them, the suffix kept however short it is. Evaluated: prompt tokens of a request, in the mean.',
  ].join('\n');
}

function cells(places: readonly KeptPlace[]): string {
  if (places.length === 0) return '';
  const kls = places.map(({ kl }) => kl);
  const mean = kls.reduce((sum, kl) => sum + kl, 0) / kls.length;
  const share = (is: (place: KeptPlace) => boolean): string =>
    `${Math.round((100 * places.filter(is).length) / places.length)} %`;
  const same = `${share(({ sameToken }) => sameToken)}, ${share(({ sameText }) => sameText)}`;
  return `${mean.toFixed(4)}, ${percentile(kls, 90).toFixed(4)}; ${same}`;
}

const tokens = (count: number): string => `${count} token${count === 1 ? '' : 's'}`;
const nameOf = (of: Head): string => {
  if (of === 'nothing') return 'nothing evaluated anew';
  return of === 0 ? '`fim_suffix` alone' : `and ${of} tokens`;
};
