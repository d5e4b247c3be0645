import assert from 'node:assert/strict';
import type { CompletionTrace } from '../../../../src/completion/trace';
import {
  CompletionLog,
  evaluatedPieces,
  KEPT_REQUESTS,
  type LoggedRequest,
} from '../../../../src/extension/insight/completionLog';
import { completionReport } from '../../../../src/extension/insight/completionReport';
import { EngineError } from '../../../../src/inference/errors';

const TRACE: CompletionTrace = {
  uri: 'file:///w/cart.py',
  languageId: 'python',
  version: 3,
  offset: 12,
  trigger: 'automatic',
  result: 'suggestion',
  totalMs: 412,
  prepareMs: 0.4,
  debounceMs: 60,
  adopted: false,
  firstTextMs: 250,
  promptTokens: 900,
  cachedTokens: 700,
  queueMs: 3,
  prefillMs: 180,
  generatedTokens: 14,
  suggestedLength: 12,
  pieces: [
    { kind: 'before the cursor', tokens: 800 },
    { kind: 'after the cursor', tokens: 100 },
  ],
  rules: ['suffix-lines-reached', 'maximum-lines'],
};

const request = (number: number, change: Partial<LoggedRequest> = {}): LoggedRequest => ({
  number,
  at: 1_700_000_000_000,
  uri: 'file:///w/cart.py',
  path: 'src/cart.py',
  languageId: 'python',
  line: 4,
  column: 8,
  trigger: 'automatic',
  answer: {
    kind: 'suggestion',
    text: 'return `x`\n```\ny',
    range: { start: 12, end: 12 },
    source: 'engine',
    tokens: 14,
    ms: 412,
    endedBy: 'suffix-lines-reached',
  },
  ms: 412,
  trace: TRACE,
  ...change,
});

describe('CompletionLog', () => {
  it(`keeps the last ${KEPT_REQUESTS} requests`, () => {
    const log = new CompletionLog();
    for (let number = 1; number <= KEPT_REQUESTS + 7; number++) log.add(request(number));
    assert.equal(log.requests.length, KEPT_REQUESTS);
    assert.deepEqual([log.requests[0]?.number, log.requests.at(-1)?.number], [8, KEPT_REQUESTS + 7]);
  });

  it('finds the newest request near a cursor, on its line and in its document only', () => {
    const log = new CompletionLog();
    log.add(request(1));
    log.add(request(2, { column: 10 }));
    log.add(request(3, { column: 60 }));
    log.add(request(4, { line: 5 }));
    log.add(request(5, { uri: 'file:///w/other.py' }));
    const at = (column: number, line = 4) =>
      log.lastAt({ uri: 'file:///w/cart.py', line, column }, 12)?.number;
    assert.equal(at(8), 2);
    assert.equal(at(22), 2);
    assert.equal(at(23), undefined);
    assert.equal(at(58), 3);
    assert.equal(at(8, 5), 4);
    assert.equal(at(8, 6), undefined);
  });
});

describe('evaluatedPieces', () => {
  const pieces = [
    { kind: 'a', tokens: 100 },
    { kind: 'b', tokens: 50 },
    { kind: 'c', tokens: 50 },
  ];
  const inShort = (promptTokens: number, cachedTokens: number) =>
    evaluatedPieces(pieces, promptTokens, cachedTokens).map(({ reused, evaluated }) => [reused, evaluated]);

  it('takes pieces from the cache from the first one on', () => {
    assert.deepEqual(inShort(200, 0), [
      [0, 100],
      [0, 50],
      [0, 50],
    ]);
    assert.deepEqual(inShort(200, 120), [
      [100, 0],
      [20, 30],
      [0, 50],
    ]);
    assert.deepEqual(inShort(200, 200), [
      [100, 0],
      [50, 0],
      [50, 0],
    ]);
  });

  it('adds up to what the engine counted, whatever the estimates are', () => {
    for (const [promptTokens, cachedTokens] of [
      [233, 100],
      [7, 3],
      [1, 0],
      [0, 0],
    ] as const) {
      const found = evaluatedPieces(pieces, promptTokens, cachedTokens);
      const sum = (of: 'tokens' | 'reused' | 'evaluated') => found.reduce((total, one) => total + one[of], 0);
      assert.deepEqual(
        [sum('tokens'), sum('reused'), sum('evaluated')],
        [promptTokens, cachedTokens, promptTokens - cachedTokens],
      );
    }
    assert.deepEqual(evaluatedPieces([], 5, 0), []);
  });
});

describe('the completion log', () => {
  const report = (...requests: LoggedRequest[]) => completionReport(requests, () => '10:00:00');

  it('says that there is nothing yet, and what it is', () => {
    assert.match(report(), /in memory only/);
    assert.match(report(), /Nothing has been asked yet\./);
  });

  it('lists the newest first, with place, pieces, times, rules and the text in a fence that holds it', () => {
    const text = report(request(1), request(2, { trigger: 'explicit', languageId: 'c++' }));
    assert.ok(text.indexOf('## 2, 10:00:00') < text.indexOf('## 1, 10:00:00'));
    assert.match(text, /- where: `src\/cart\.py:5:9`, python/);
    assert.match(text, /- asked: by hand/);
    assert.match(
      text,
      /- times: debounce 60 ms, own work 0 ms, queue 3 ms, prefill 180 ms, first text 250 ms, total 412 ms/,
    );
    assert.match(text, /\| before the cursor \| 800 +\| 100 +\| 700 +\|/);
    assert.match(text, /\| after the cursor +\| 100 +\| 100 +\| 0 +\|/);
    assert.match(text, /\| all +\| 900 +\| 200 +\| 700 +\|/);
    assert.match(text, /rules that saw an end: `suffix-lines-reached`, `maximum-lines`/);
    assert.ok(text.includes('````python\nreturn `x`\n```\ny\n````'));
  });

  it('says why there was nothing, also where completion was not asked', () => {
    const { trace, ...gated } = request(3, { answer: { kind: 'none', reason: 'language-off' }, ms: 0 });
    assert.ok(trace);
    const error = new EngineError('out-of-memory', 'No.');
    const text = report(gated, request(4, { answer: { kind: 'none', reason: 'engine-failed', error } }));
    assert.match(text, /- outcome: none, language-off\n- times: total 0 ms/);
    assert.match(text, /- outcome: none, engine-failed \(out-of-memory\)/);
    assert.doesNotMatch(text, /Text:/);
  });

  it('shows the estimate of a prompt that was never evaluated', () => {
    const { promptTokens, cachedTokens, ...withdrawn } = TRACE;
    assert.ok(promptTokens !== cachedTokens);
    const text = report(request(1, { trace: withdrawn, answer: { kind: 'none', reason: 'cancelled' } }));
    assert.match(text, /prompt, not evaluated/);
    assert.match(text, /\| before the cursor +\| 800 /);
  });
});
