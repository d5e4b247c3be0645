/** The kept suffix as a table. */
import { head, row } from '../../markdown';
import { percentile } from '../../statistics';
import { HEADS, type Head, type KeptMeasured, type KeptPlace } from './measureKept';

export function keptTable(measured: readonly KeptMeasured[]): string {
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
