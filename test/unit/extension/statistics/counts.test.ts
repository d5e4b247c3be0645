import assert from 'node:assert/strict';
import {
  addStatistics,
  emptyStatistics,
  MAX_DAYS,
  MAX_ROWS,
  percentile,
  readStatistics,
  rowsBy,
  statisticsOf,
  type CountedEvent,
  type Statistics,
} from '../../../../src/extension/statistics/counts';
import { statisticsCsv, statisticsJson } from '../../../../src/extension/statistics/exportStatistics';
import { statisticsPage } from '../../../../src/extension/statistics/statisticsPage';

const NOON = new Date(2026, 4, 20, 12).getTime();
const DAY_MS = 86_400_000;

const event = (what: CountedEvent['what'], change: Partial<CountedEvent> = {}): CountedEvent => ({
  model: 'Qwen 0.5B',
  language: 'python',
  at: NOON,
  what,
  ...change,
});
const sumOf = (...events: CountedEvent[]): Statistics =>
  events.map(statisticsOf).reduce(addStatistics, emptyStatistics(NOON));

const SOME = sumOf(
  event({ kind: 'returned', ms: 100 }),
  event({ kind: 'returned', ms: 400 }),
  event({ kind: 'returned', ms: 400 }, { language: 'go' }),
  event({ kind: 'accepted' }),
  event({ kind: 'judged', kept: true }),
  event({ kind: 'accepted' }, { language: 'go' }),
  event({ kind: 'judged', kept: false }, { language: 'go' }),
);

describe('statistics of suggestions', () => {
  it('count by model, language and day', () => {
    const [python, go] = rowsBy(SOME.rows, 'language');
    assert.deepEqual(
      [python?.language, python?.returned, python?.accepted, python?.judged, python?.kept],
      ['python', 2, 1, 1, 1],
    );
    assert.deepEqual([go?.language, go?.returned, go?.accepted, go?.judged, go?.kept], ['go', 1, 1, 1, 0]);
    assert.deepEqual(
      rowsBy(SOME.rows, 'model').map(({ returned }) => returned),
      [3],
    );
    assert.deepEqual(SOME.days, [{ day: '2026-05-20', returned: 3, accepted: 2, judged: 2, kept: 1 }]);
  });

  it('add up the same in any order, and read back what was written', () => {
    const more = sumOf(event({ kind: 'returned', ms: 30 }, { at: NOON - DAY_MS, model: 'Another' }));
    const sorted = ({ rows, ...rest }: Statistics) => ({
      ...rest,
      rows: rows.toSorted((a, b) => `${a.model}${a.language}`.localeCompare(`${b.model}${b.language}`)),
    });
    assert.deepEqual(sorted(addStatistics(SOME, more)), sorted(addStatistics(more, SOME)));
    assert.equal(addStatistics(SOME, more).since, NOON - DAY_MS);
    assert.deepEqual(readStatistics(JSON.parse(JSON.stringify(SOME))), SOME);
    for (const bad of [null, [], { ...SOME, since: 'x' }, { ...SOME, rows: [{ model: 1 }] }]) {
      assert.equal(readStatistics(bad), undefined);
    }
    const negative = {
      ...SOME,
      days: [{ day: '2026-05-20', returned: -1, accepted: 0, judged: 0, kept: 0 }],
    };
    assert.equal(readStatistics(negative), undefined);
  });

  it('give percentiles within a tenth of the truth', () => {
    const times = Array.from({ length: 1000 }, (_, at) => 5 + at * 3);
    const { rows } = sumOf(...times.map((ms) => event({ kind: 'returned', ms })));
    for (const part of [0.5, 0.95]) {
      const found = percentile(rows[0]?.latency ?? {}, part) ?? 0;
      const truth = times[Math.ceil(times.length * part) - 1] ?? 0;
      assert.ok(Math.abs(found - truth) / truth < 0.1, `${found} for ${truth}`);
    }
    assert.equal(percentile({}, 0.5), undefined);
  });

  it('stay small: what is used least is counted together, old days go', () => {
    let many = emptyStatistics(NOON);
    for (let index = 0; index < MAX_ROWS + 50; index++) {
      const one = event({ kind: 'returned', ms: 10 }, { language: `l${index}`, at: NOON + index * DAY_MS });
      many = addStatistics(many, statisticsOf(one));
      if (index < 10) many = addStatistics(many, statisticsOf(one));
    }
    assert.equal(many.rows.length, MAX_ROWS);
    assert.equal(many.days.length, MAX_DAYS);
    assert.equal(
      many.rows.reduce((sum, { returned }) => sum + returned, 0),
      MAX_ROWS + 60,
    );
    assert.ok(many.rows.some(({ language }) => language === 'l3'));
    const long = statisticsOf(event({ kind: 'accepted' }, { model: 'm'.repeat(10_000) }));
    assert.ok(readStatistics(long) !== undefined);
  });
});

describe('exported statistics', () => {
  it('are JSON with what is computed', () => {
    const found = JSON.parse(statisticsJson(SOME)) as { since: string; rows: { medianMs: number }[] };
    assert.equal(found.since, new Date(NOON).toISOString());
    assert.ok((found.rows[0]?.medianMs ?? 0) > 80);
  });

  it('are CSV in which a name is no formula', () => {
    const evil = sumOf(event({ kind: 'returned', ms: 1 }, { model: '=HYPERLINK("x")' }));
    assert.equal(
      statisticsCsv(evil),
      'model,language,returned,accepted,judged,kept,medianMs,p95Ms\r\n"\'=HYPERLINK(""x"")","python",1,0,0,0,1,1\r\n',
    );
  });
});

describe('the statistics page', () => {
  const page = (statistics: Statistics) =>
    statisticsPage({ statistics, styleUri: 'https://host/statisticsStyle.css', cspSource: 'https://host' });

  it('has a policy under which no script runs and nothing but its style is loaded', () => {
    const html = page(SOME);
    assert.ok(
      html.includes(
        `content="default-src 'none'; style-src https://host; base-uri 'none'; form-action 'none'"`,
      ),
    );
    assert.doesNotMatch(html, /<script|style="|onclick/);
  });

  it('has a table behind each chart, with heads for its rows and columns', () => {
    const html = page(SOME);
    const tables = html.split('<table').slice(1);
    assert.equal(tables.length, 4);
    for (const table of tables) {
      assert.match(table, /<th scope="col" role="columnheader"/);
      assert.match(table, /<th scope="row" role="rowheader"/);
      assert.match(table, /<svg aria-hidden="true"/);
    }
    assert.match(html, /<dt>Accepted<\/dt><dd>2 <small>67 % of returned<\/small>/);
    assert.match(html, /<dt>Kept<\/dt><dd>1 <small>50 % of accepted<\/small>/);
    assert.match(html, /<th scope="row" role="rowheader">100 ms to 200 ms<\/th>/);
  });

  it('shows names as text, and says so when there is nothing', () => {
    const html = page(sumOf(event({ kind: 'returned', ms: 1 }, { model: '<img src=x onerror=y>' })));
    assert.ok(!html.includes('<img'));
    assert.match(page(emptyStatistics(NOON)), /No suggestion has been given yet/);
  });
});
