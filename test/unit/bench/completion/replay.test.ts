import assert from 'node:assert/strict';
import type { DocumentSnapshot } from '../../../../src/completion/snapshot';
import { takenText } from '../../../bench/completion/replay/acceptance';
import type { Assistant, Offered } from '../../../bench/completion/replay/assistant';
import { replayNumbers } from '../../../bench/completion/replay/measureReplay';
import { ReplayClock, type RealTime } from '../../../bench/completion/replay/replayClock';
import { EDITOR_WAIT_MS, replayFile, type ReplayTask } from '../../../bench/completion/replay/replayFile';
import { replayRatios } from '../../../bench/completion/replay/replayReport';
import { chooseFiles, taskOf, type SourceFile } from '../../../bench/completion/replay/sources';
import { TypedText, type Hole } from '../../../bench/completion/replay/typedText';
import { keyPlace, PAUSES, Typist } from '../../../bench/completion/replay/typingModel';

/** Real time that passes only by waiting for it. */
class CountedTime implements RealTime {
  waited = 0;

  now(): number {
    return this.waited;
  }

  wait(ms: number): { over: Promise<void>; cancel: () => void } {
    let cancel = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      const timer = setImmediate(() => {
        this.waited += ms;
        resolve();
      });
      cancel = () => {
        clearImmediate(timer);
        resolve();
      };
    });
    return { over, cancel: () => cancel() };
  }
}

describe('replay: clock', () => {
  it('jumps over what nobody works in, in the order of the timers', async () => {
    const real = new CountedTime();
    const clock = new ReplayClock(real);
    const order: string[] = [];
    const sleeper = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      order.push(`${name} at ${clock.now()}`);
    };
    await clock.run(Promise.all([sleeper('late', 3_600_000), sleeper('early', 1000)]));
    assert.deepEqual(order, ['early at 1000', 'late at 3600000']);
    assert.equal(real.waited, 0);
  });

  it('takes its time while something is at work', async () => {
    const real = new CountedTime();
    const clock = new ReplayClock(real);
    const release = clock.hold();
    await clock.run(clock.sleep(500).then(release));
    assert.equal(real.waited, 500);
    await clock.run(clock.sleep(500));
    assert.equal(real.waited, 500);
    assert.equal(clock.now(), 1000);
  });

  it('wakes who has been told to, and says when nothing can happen any more', async () => {
    const clock = new ReplayClock(new CountedTime());
    const abort = new AbortController();
    const slept = clock.sleep(1000, abort.signal).then(() => clock.now());
    void clock.sleep(10).then(() => abort.abort());
    assert.equal(await clock.run(slept), 10);
    await assert.rejects(clock.run(new Promise(() => undefined)), /neither a timer nor an engine/);
  });
});

describe('replay: typing', () => {
  it('has the mean pause that was measured, longer before words and lines', () => {
    const typist = new Typist(7);
    const mean = (place: 'line' | 'word' | 'inside'): number => {
      let sum = 0;
      for (let count = 0; count < 20_000; count++) sum += typist.pause(place);
      return sum / 20_000;
    };
    const [inside, word, line] = [mean('inside'), mean('word'), mean('line')];
    const expected = (place: keyof typeof PAUSES): number =>
      PAUSES[place].median * Math.exp(PAUSES[place].sigma ** 2 / 2);
    assert.ok(Math.abs(inside / expected('inside') - 1) < 0.03, `${inside}`);
    assert.ok(Math.abs(word / expected('word') - 1) < 0.03, `${word}`);
    assert.ok(Math.abs(line / expected('line') - 1) < 0.03, `${line}`);
    assert.deepEqual(
      Array.from({ length: 3 }, () => new Typist(9).pause('word')),
      Array(3).fill(new Typist(9).pause('word')),
    );
  });

  it('knows lines, words and what is inside them', () => {
    assert.equal(keyPlace('    ', 'r'), 'line');
    assert.equal(keyPlace('  ret', 'u'), 'inside');
    assert.equal(keyPlace('  return', ' '), 'word');
    assert.equal(keyPlace('  return ', 'x'), 'word');
    assert.equal(keyPlace('f(', '('), 'inside');
  });
});

const hole = (before: string, target: string, after: string, languageId = 'typescript'): Hole => ({
  ...{ before, target, after, languageId },
});

function typeAll(text: TypedText): string[] {
  const keys: string[] = [];
  while (text.rest !== '') {
    const key = text.nextKey();
    keys.push(key.kind === 'character' ? key.text : key.kind === 'enter' ? '⏎' : '⌫');
    text.press(key);
    assert.ok(keys.length < 1000, keys.join(''));
  }
  return keys;
}

describe('replay: typed text', () => {
  it('is indented by the editor, which outdents what closes', () => {
    const text = new TypedText(hole('function f() {\n', '  if (a) {\n    b();\n  }\n  c();\n}', '\n'));
    assert.equal(text.typed, '  ');
    assert.equal(typeAll(text).join(''), 'if (a) {⏎b();⏎}⏎c();⏎}');
    assert.equal(text.text, 'function f() {\n  if (a) {\n    b();\n  }\n  c();\n}\n');
  });

  it('needs a key for each level that Python leaves, and none for lines that stay empty', () => {
    const target = '    if a:\n        return b\n\n    return c';
    const text = new TypedText(hole('def f(a):\n', target, '\n', 'python'));
    assert.equal(typeAll(text).join(''), 'if a:⏎return b⏎⏎⌫return c');
    assert.equal(text.typed, target);
  });

  it('takes tabs for what they are', () => {
    const text = new TypedText(hole('func f() {\n', '\tif a {\n\t\tb()\n\t}\n\treturn', '\n}\n', 'go'));
    assert.equal(typeAll(text).join(''), 'if a {⏎b()⏎}⏎return');
  });

  it('counts the keys up to a place, from wherever it stands', () => {
    const text = new TypedText(hole('function f() {\n', '  a();\n  b();', '\n}\n'));
    assert.equal(text.keysUntil(1000), 9);
    text.accept('a();\n  b');
    assert.equal(text.keysUntil(1000), 3);
    assert.throws(() => text.accept('x'), RangeError);
  });
});

describe('replay: a suggestion', () => {
  it('is taken as far as its lines are those that follow', () => {
    const rest = 'a);\n  b();\n  c();';
    assert.equal(takenText('a);', rest), 'a);');
    assert.equal(takenText('a);\n  b();  \n  x();', rest), 'a);\n  b();');
    assert.equal(takenText('a);\r\n  b();', rest), 'a);\n  b();');
  });

  it('is wrong where its first line goes too far, not far enough, or another way', () => {
    const rest = 'a);\n  b();';
    for (const text of ['a', 'a); // so', 'b);\n  b();', '\n  b();'])
      assert.equal(takenText(text, rest), undefined, text);
  });

  it('may begin with the end of a line, but not be nothing else', () => {
    assert.equal(takenText('\n  b();', '\n  b();\n'), '\n  b();');
    assert.equal(takenText('\n  c();', '\n  b();\n'), undefined);
  });
});

describe('replay: a file', () => {
  /** Suggests from a list, after a time. */
  class Scripted implements Assistant {
    readonly name = 'scripted';
    asked: DocumentSnapshot[] = [];
    aborted = 0;

    constructor(
      private readonly clock: ReplayClock,
      private readonly ms: number,
      private readonly answer: (document: DocumentSnapshot) => string | undefined,
    ) {}

    open(): Promise<void> {
      return Promise.resolve();
    }

    async suggest(document: DocumentSnapshot, signal: AbortSignal): Promise<Offered | undefined> {
      this.asked.push(document);
      await this.clock.sleep(this.ms, signal);
      if (signal.aborted) this.aborted++;
      const text = this.answer(document);
      return text === undefined ? undefined : { text, replaced: 0 };
    }

    idle(): Promise<void> {
      return Promise.resolve();
    }

    cost() {
      const { length } = this.asked;
      return { requests: length, evaluatedTokens: 10 * length, generatedTokens: length };
    }
  }

  const target = '  const sum = a + b;\n  return sum;';
  const task = (units = 1000): ReplayTask => ({
    ...{ uri: 'file:///project/a.ts', visited: [], seed: 3, units },
    hole: hole('function f(a, b) {\n', target, '\n}\n'),
  });
  const restOf = ({ text, offset }: DocumentSnapshot): string =>
    `function f(a, b) {\n${target}`.slice(offset, text.length + 1000);

  it('is typed key by key where nothing right comes, and asks after each', async () => {
    const clock = new ReplayClock(new CountedTime());
    const assistant = new Scripted(clock, 0, () => undefined);
    const outcome = await clock.run(replayFile(task(), assistant, clock));
    assert.equal(outcome.keys, outcome.keysAlone);
    assert.equal(outcome.keysAlone, 'const sum = a + b;'.length + 1 + 'return sum;'.length);
    assert.deepEqual(outcome.shown, []);
    assert.ok(outcome.cost.requests > 25 && outcome.cost.requests <= outcome.keys + 1);
    assert.equal(outcome.cost.evaluatedTokens, 10 * outcome.cost.requests);
  });

  it('is taken over at once where all is right', async () => {
    const clock = new ReplayClock(new CountedTime());
    const outcome = await clock.run(replayFile(task(), new Scripted(clock, 100, restOf), clock));
    assert.deepEqual([outcome.keys, outcome.accepts], [0, 1]);
    assert.deepEqual(
      outcome.shown.map(({ right, afterMs }) => [right, Math.round(afterMs)]),
      [[true, EDITOR_WAIT_MS + 100]],
    );
    const numbers = replayNumbers(
      [{ source: undefined as never, outcomes: { scripted: outcome } }],
      'scripted',
    );
    assert.equal(numbers.savedCharacters, 1);
    assert.equal(numbers.wrongPer100, 0);
  });

  it('withdraws what is slower than the keys', async () => {
    const clock = new ReplayClock(new CountedTime());
    const assistant = new Scripted(clock, 20_000, restOf);
    const outcome = await clock.run(replayFile(task(), assistant, clock));
    assert.equal(outcome.accepts, 0);
    assert.equal(outcome.keys, outcome.keysAlone);
    assert.ok(assistant.aborted >= assistant.asked.length - 1 - outcome.awaited.length);
  });

  it('stops at the same places for all, notes what comes there, and takes none of what came late', async () => {
    const replay = (ms: number) => {
      const clock = new ReplayClock(new CountedTime());
      const slow = new Scripted(clock, ms, (document) => (ms < 50_000 ? restOf(document) : undefined));
      return clock.run(replayFile({ ...task(), seed: 5 }, slow, clock));
    };
    const late = await replay(20_000);
    assert.ok(late.awaited.length > 0);
    assert.deepEqual(
      late.awaited.map(({ afterMs, right }) => [Math.round(afterMs ?? 0), right]),
      late.awaited.map(() => [EDITOR_WAIT_MS + 20_000, true]),
    );
    assert.deepEqual([late.accepts, late.shown.length], [0, 0]);
    const silent = await replay(60_000);
    assert.deepEqual(
      silent.awaited,
      late.awaited.map(() => ({ afterMs: undefined, right: false })),
    );
    const soon = await replay(0);
    assert.equal(soon.accepts, 1);
  });

  it('keeps wrong ghost text as long as it is being typed, and shows each once', async () => {
    const clock = new ReplayClock(new CountedTime());
    const assistant = new Scripted(clock, 0, ({ text }) =>
      text.includes('cons')
        ? undefined
        : 'const x = 1;'.slice(text.length - 'function f(a, b) {\n  \n}\n'.length),
    );
    const outcome = await clock.run(replayFile(task(), assistant, clock));
    assert.deepEqual(
      outcome.shown.map(({ text, right }) => [text, right]),
      [['const x = 1;', false]],
    );
    assert.ok((outcome.shown[0]?.visibleMs ?? 0) > 5 * 40, 'until the s of sum');
  });

  it('ends where so many units are there', async () => {
    const clock = new ReplayClock(new CountedTime());
    const outcome = await clock.run(replayFile(task(10), new Scripted(clock, 0, () => undefined), clock));
    assert.equal(outcome.keys, 8);
  });

  it('fails with what the assistant fails with', async () => {
    const clock = new ReplayClock(new CountedTime());
    const assistant = new Scripted(clock, 0, () => {
      throw new Error('no engine');
    });
    await assert.rejects(clock.run(replayFile(task(), assistant, clock)), /no engine/);
  });

  it('counts as wrong only what could be seen, and divides the right way round', () => {
    const shown = (right: boolean, visibleMs: number, afterMs: number) => ({
      right,
      rightLines: Number(right),
      visibleMs,
      afterMs,
      text: 'a',
    });
    const outcome = (keys: number, accepts: number, all: ReturnType<typeof shown>[]) => ({
      ...{ keysAlone: 200, keys, accepts, shown: all, durationMs: 1 },
      awaited: [...all, { afterMs: undefined, right: false }],
      cost: { requests: 1, evaluatedTokens: 1000, generatedTokens: 1 },
    });
    const files = [
      {
        source: undefined as never,
        outcomes: {
          ours: outcome(100, 2, [shown(true, 0, 100), shown(false, 299, 100), shown(false, 300, 100)]),
          other: outcome(160, 1, [shown(true, 0, 500), shown(false, 900, 500), shown(false, 900, 500)]),
        },
      },
    ];
    const numbers = replayNumbers(files, 'ours');
    assert.equal(numbers.wrongPer100, 1);
    assert.equal(numbers.savedCharacters, 0.5);
    assert.equal(numbers.savedWithAccepts, 0.49);
    assert.deepEqual(numbers.awaited, {
      ...{ places: 4, shown: 0.75, wrong: 0.5 },
      ghostTextMs: { p50: 100, p95: 100 },
    });
    assert.deepEqual(replayRatios(files, { ours: 'ours', other: 'other' }), {
      savedCharactersRatio: 2.5,
      timeToGhostTextRatio: 5,
      timeToGhostText95Ratio: 5,
      wrongPer100Ratio: 0.8,
      recomputedTokensPerKeystroke: 10,
    });
  });
});

describe('replay: sources', () => {
  const file = (packageName: string, path: string): SourceFile => ({
    ...{ languageId: 'go', packageName, path },
    text: Array.from({ length: 200 }, (_, line) => `\tline${line} := ${path}(${line})`).join('\n'),
  });
  const files = ['a', 'b'].flatMap((name) =>
    Array.from({ length: 9 }, (_, index) => file(name, `f${index}.go`)),
  );

  it('are the same in whatever order they are found, and of several packages', () => {
    const chosen = chooseFiles(files);
    assert.deepEqual(chooseFiles([...files].reverse()), chosen);
    assert.deepEqual(chosen.map(({ packageName }) => packageName).sort(), ['a', 'a', 'b', 'b']);
    assert.throws(() => chooseFiles(files.slice(0, 9)), /but 2 files/);
  });

  it('have holes of whole lines with as much as is typed, and all of the text around them', () => {
    for (const chosen of chooseFiles(files)) {
      const { hole: found, units, visited } = taskOf(chosen, files);
      assert.equal(found.before + found.target + found.after, chosen.text);
      assert.match(found.before, /\n$/);
      assert.match(found.after, /^\n/);
      assert.ok(found.target.length >= units && found.target.length < units + 60);
      assert.equal(visited.length, 2);
      assert.ok(
        visited.every(({ uri }) => uri.includes(`/${chosen.packageName}/`) && !uri.endsWith(chosen.path)),
      );
    }
  });
});
