import assert from 'node:assert/strict';
import {
  likelyLines,
  lineProbabilities,
  neededProbability,
  type Mark,
} from '../../../src/completion/certainty';
import { setUp, shown } from './completerSetUp';
import { parse } from './cursor';
import { settle } from './scriptedEngine';

/** Tokens of a text with their probabilities. */
function marksOf(...tokens: readonly (readonly [text: string, probability: number])[]): Mark[] {
  let at = 0;
  let logProbability = 0;
  return tokens.map(([text, probability]) => {
    at += text.length;
    logProbability += Math.log(probability);
    return { at, logProbability };
  });
}

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} instead of ${expected}`);

function all(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((each, index) => near(actual[index] ?? NaN, each));
}

describe('How sure the model is', () => {
  const text = 'foo(a)\nbar()';
  const marks = marksOf(['foo', 0.5], ['(a)', 0.8], ['\n', 0.9], ['bar', 0.1], ['()', 0.5]);

  it('is the product over each line, its end included', () => {
    all(lineProbabilities(text, marks, 0), [0.5 * 0.8 * 0.9, 0.1 * 0.5]);
  });

  it('is that of what is left of the line once some of it is typed', () => {
    all(lineProbabilities(text, marks, 3), [0.8 * 0.9, 0.1 * 0.5]);
    // Half a token that was typed says nothing about the other half.
    all(lineProbabilities(text, marks, 4), [0.8 * 0.9, 0.1 * 0.5]);
    all(lineProbabilities(text, marks, 7), [0.1 * 0.5]);
  });

  it('is that of lines that are not blank', () => {
    const marks = marksOf(['\n ', 0.9], [' x', 0.5], ['\n', 0.7], ['\n', 0.8], ['y', 0.1]);
    all(lineProbabilities('\n  x\n\ny', marks, 0), [0.9 * 0.5 * 0.7, 0.8 * 0.1]);
  });

  it('is told of a text that was cut before the end of what was written', () => {
    all(lineProbabilities('foo', marksOf(['foo', 0.5], [')\n', 0.4], ['x', 0.1]), 0), [0.5 * 0.4]);
    all(lineProbabilities('foo', [], 0), [1]);
  });
});

describe('How sure is sure enough', () => {
  it('is what the setting says for long lines, and more for short ones', () => {
    assert.equal(neededProbability('return a + b\n    more of it', 0.4), 0.4);
    near(neededProbability('\n  (a)  ', 0.4), 8 / 11);
    near(neededProbability(')', 0.4), 8 / 9);
    near(neededProbability(')', 0.1), 2 / 3);
  });

  it('is anything where everything is to be shown', () => {
    assert.equal(neededProbability(')', 0), 0);
    assert.equal(neededProbability('', 0), 0);
  });
});

describe('How much of a text is likely', () => {
  const cases: readonly {
    name: string;
    text: string;
    probabilities: readonly number[];
    part: string;
    minProbability?: number;
  }[] = [
    { name: 'all of it', text: 'a()\nb()', probabilities: [0.9, 0.5], part: 'a()\nb()' },
    {
      name: 'lines above one that hardly is',
      text: 'a()\nb()\nc()',
      probabilities: [0.9, 0.6, 0.4],
      part: 'a()\nb()',
    },
    {
      name: 'whatever comes behind that',
      text: 'a()\n\nb()\nc()',
      probabilities: [0.9, 0.4, 0.9],
      part: 'a()',
    },
    { name: 'a first line is another matter', text: 'a()', probabilities: [0.1], part: 'a()' },
    {
      name: 'the head of a block',
      text: 'if x {\r\n  a()\r\n}',
      probabilities: [0.9, 0.3, 0.9],
      part: 'if x {',
    },
    { name: 'one of indentation', text: 'if x:\n  a()\nb()', probabilities: [0.9, 0.3, 0.9], part: 'if x:' },
    {
      name: 'nothing that would be left open',
      text: 'x = 1\nif x {\n  a()\n  b()\n}',
      probabilities: [0.9, 0.9, 0.9, 0.2, 0.9],
      part: 'x = 1\nif x {',
    },
    {
      name: 'all of it where each line leaves something open',
      text: 'f(a,\n  b,\n  c)',
      probabilities: [0.9, 0.9, 0.1],
      part: 'f(a,\n  b,\n  c)',
    },
    {
      name: 'the end of a line is no line',
      text: '\n  a()\n  b()',
      probabilities: [0.9, 0.2],
      part: '\n  a()',
    },
    {
      name: 'less where less is asked for',
      text: 'a\nb',
      probabilities: [0.9, 0.3],
      part: 'a\nb',
      minProbability: 0.3,
    },
    {
      name: 'all where all is to be shown',
      text: 'a\nb',
      probabilities: [0.9, 0.01],
      part: 'a\nb',
      minProbability: 0,
    },
  ];
  for (const { name, text, probabilities, part, minProbability = 0.9 } of cases) {
    it(name, () => assert.equal(likelyLines(text, probabilities, minProbability), part));
  }
});

describe('Completer, unsure', () => {
  const unsure = async (trigger: 'automatic' | 'explicit', minProbability = 0.4) => {
    const parts = setUp({ debounceMs: 0, minProbability });
    const call = parts.completer.complete(parse('x = █\n'), trigger);
    await settle();
    await parts.engine.last.prefilled();
    await parts.engine.last.token('values.map', 0.5);
    await parts.engine.last.token('(toNumber)', 0.6);
    await parts.engine.last.done();
    return { ...parts, outcome: await call };
  };

  it('withholds what the model takes for hardly right itself, and says how likely it is', async () => {
    const { outcome, traces } = await unsure('automatic');
    assert.equal(shown(outcome), '(unsure)');
    assert.match(traces.at(-1)?.detail ?? '', /30 % likely, 40 % needed/);
  });

  it('shows it to who asks by hand, and where it is likely enough', async () => {
    assert.equal(shown((await unsure('explicit')).outcome), 'values.map(toNumber)');
    const { outcome } = await unsure('automatic', 0.3);
    assert.ok(outcome.kind === 'suggestion');
    all(outcome.probabilities ?? [], [0.3]);
  });

  it('takes into account how likely the text ends there', async () => {
    const parts = setUp({ debounceMs: 0, minProbability: 0.4 });
    const call = parts.completer.complete(parse('x = █\n'), 'automatic');
    await settle();
    await parts.engine.last.prefilled();
    await parts.engine.last.token('values.map(toNumber)', 0.9);
    await parts.engine.last.done('stop-token', 0.4);
    assert.equal(shown(await call), '(unsure)');
  });

  it('shows the rest once enough of it is typed, without asking the engine again', async () => {
    const { completer, engine } = await unsure('automatic');
    const typing = await completer.complete(parse('x = v█\n'), 'automatic');
    assert.equal(shown(typing), '(unsure)');
    const typed = await completer.complete(parse('x = values.map█\n'), 'automatic');
    assert.equal(shown(typed), '(toNumber)');
    // Three signs alone would not be sure enough; what is shown stays.
    assert.equal(shown(await completer.complete(parse('x = values.map(toNumb█\n'), 'automatic')), 'er)');
    assert.equal(engine.runs.length, 1);
  });

  it('shows what was withheld when it is asked for by hand, and goes on while it is typed along', async () => {
    const { completer, engine } = await unsure('automatic');
    const byHand = await completer.complete(parse('x = █\n'), 'explicit');
    assert.equal(shown(byHand), 'values.map(toNumber)');
    assert.equal(shown(await completer.complete(parse('x = v█\n'), 'automatic')), 'alues.map(toNumber)');
    assert.equal(engine.runs.length, 1);
  });

  it('stays withheld where another one was shown before, which the person did not take', async () => {
    const { completer, engine } = setUp({ debounceMs: 0, ahead: false });
    const answer = async (text: string, written: readonly (readonly [string, number])[]) => {
      const call = completer.complete(parse(text), 'automatic');
      await settle();
      await engine.last.prefilled();
      for (const [token, probability] of written) await engine.last.token(token, probability);
      await engine.last.done();
      return shown(await call);
    };
    assert.equal(await answer('x = █\n', [['total_of(values)', 0.9]]), 'total_of(values)');
    assert.equal(await answer('x = s█\n', [['um(values).rounded()', 0.2]]), '(unsure)');
    assert.equal(shown(await completer.complete(parse('x = su█\n'), 'automatic')), '(unsure)');
    assert.equal(engine.runs.length, 2);
    // Backspace brings back what was shown.
    assert.equal(shown(await completer.complete(parse('x = █\n'), 'automatic')), 'total_of(values)');
  });

  it('shows lines as far as they are likely, the rest when it is asked for', async () => {
    const { completer, engine } = setUp({ debounceMs: 0, minProbability: 0.4, ahead: false });
    const call = completer.complete(parse('def f():\n    █\n'), 'automatic');
    await settle();
    await engine.last.prefilled();
    await engine.last.token('a = read(path)', 0.9);
    await engine.last.token('\n', 0.9);
    await engine.last.token('    return parsed(a)', 0.3);
    await engine.last.done('stop-token', 0.9);
    const outcome = await call;
    assert.equal(shown(outcome), 'a = read(path)');
    assert.ok(outcome.kind === 'suggestion');
    assert.equal(outcome.endedBy, 'unlikely-line');
    all(outcome.probabilities ?? [], [0.81]);
    const along = await completer.complete(parse('def f():\n    a = █\n'), 'automatic');
    assert.equal(shown(along), 'read(path)');
    // What was left out is judged by itself.
    const next = parse('def f():\n    a = read(path)\n    █\n');
    assert.equal(shown(await completer.complete(next, 'automatic')), '(unsure)');
    assert.equal(shown(await completer.complete(next, 'explicit')), 'return parsed(a)');
    assert.equal(engine.runs.length, 1);
  });
});
