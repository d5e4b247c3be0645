import assert from 'node:assert/strict';
import type { ErrorAction } from '../../../src/extension/errorMessages';
import { RestartPolicy } from '../../../src/extension/restartPolicy';
import { UnexpectedEnds, unexpectedEndMessage } from '../../../src/extension/unexpectedEnds';
import type { EngineStatus, PreviousEnd, SessionPhase, VariantChoice } from '../../../src/inference/engine';
import { leaveDeadMark } from '../../support/deadMark';
import { temporaryFolder } from '../../support/tinyModel';

const MINUTE_MS = 60_000;
const MODEL = 'Qwen2.5-Coder 0.5B';

describe('what is told of an unexpected end', () => {
  const message = (phase: SessionPhase, variant: VariantChoice) =>
    unexpectedEndMessage({ phase, variant, model: MODEL, at: 0 });

  it('says what was going on, without blaming anybody, and offers what may help', () => {
    assert.deepEqual(message('loading', 'fast'), {
      text:
        'Qwen Coder’s engine ended unexpectedly while it was loading Qwen2.5-Coder 0.5B (fast). If it was not you ' +
        'who ended it, the exact variant, which is slower, or a smaller model may help.',
      actions: ['use-exact', 'models', 'show-log'],
    });
  });

  it('does not offer the exact variant where that was the one', () => {
    const { text, actions } = message('running', 'exact');
    assert.match(
      text,
      /while it was working with Qwen2\.5-Coder 0\.5B \(exact\)\..* a smaller model may help\.$/,
    );
    assert.deepEqual(actions, ['models', 'show-log']);
  });

  it('names no variant where none was chosen yet', () => {
    assert.match(message('loading', 'auto').text, /loading Qwen2\.5-Coder 0\.5B\. If/);
  });
});

describe('UnexpectedEnds', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let restarts: RestartPolicy;
  let warned: { text: string; actions: readonly ErrorAction[] }[];
  let logged: string[];
  let ends: UnexpectedEnds;

  beforeEach(async () => {
    folder = await temporaryFolder();
    restarts = new RestartPolicy();
    warned = [];
    logged = [];
    ends = another();
  });
  afterEach(() => folder.remove());

  /** As in another window, or at the next start of this one. */
  const another = (): UnexpectedEnds =>
    new UnexpectedEnds({
      convertedDir: folder.path,
      restarts,
      // A process that has just begun.
      now: () => 1000,
      wallClock: Date.now,
      warn: (text, actions) => warned.push({ text, actions }),
      log: (line) => logged.push(line),
    });

  const died = (phase: SessionPhase, variant: VariantChoice, ageMs = 0): Promise<string> =>
    leaveDeadMark(folder.path, { phase, variant, ageMs });

  it('says nothing where nothing happened', async () => {
    await ends.atStart();
    assert.deepEqual([warned, logged], [[], []]);
    assert.ok(restarts.mayRestart(1000));
  });

  it('tells of a crash once, whichever window is first', async () => {
    await died('running', 'fast');
    await ends.atStart();
    await another().atStart();
    assert.equal(warned.length, 1);
    assert.match(warned[0]?.text ?? '', /working with Qwen2\.5-Coder 0\.5B \(fast\)/);
    assert.match(logged[0] ?? '', /^unexpected end: running, Qwen2\.5-Coder 0\.5B \(fast\), 20\d\d-/);
  });

  it('only notes in the log that an idle engine went with its window', async () => {
    await died('idle', 'fast');
    await ends.atStart();
    assert.deepEqual(warned, []);
    assert.match(logged[0] ?? '', /idle/);
    assert.equal(restarts.deaths(1000), 0);
  });

  it('tells of the last crash where there were several, and counts those of the last minutes', async () => {
    await died('running', 'exact', 12 * MINUTE_MS);
    await died('loading', 'fast', 2 * MINUTE_MS);
    await died('idle', 'exact');
    await ends.atStart();
    assert.equal(warned.length, 1);
    assert.match(warned[0]?.text ?? '', /loading/);
    assert.equal(logged.length, 3);
    assert.equal(restarts.deaths(1000), 1);
  });

  it('has the engine wait for the person after three crashes within minutes, over as many processes', async () => {
    for (let time = 1; time <= 3; time++) {
      restarts = new RestartPolicy();
      await died('loading', 'exact', (3 - time) * MINUTE_MS);
      await another().atStart();
      assert.equal(restarts.mayRestart(1000), time < 3, `after ${time}`);
    }
    // The third time the status speaks instead.
    assert.equal(warned.length, 2);
  });

  it('tells of what a load was the first to find, once', async () => {
    const listeners: ((status: EngineStatus) => void)[] = [];
    const engines = {
      onStatus: (listener: (status: EngineStatus) => void) => {
        listeners.push(listener);
        return { dispose: () => undefined };
      },
    };
    ends.follow(engines);
    const previousEnd: PreviousEnd = { phase: 'running', model: MODEL, variant: 'fast', at: Date.now() };
    const model = {
      name: MODEL,
      architecture: 'qwen2',
      variant: 'exact',
      contextTokens: 512,
      threads: 1,
      loadMs: 1,
      convertMs: 0,
    } as const;
    for (const status of [
      { state: 'ready', model },
      { state: 'ready', model: { ...model, previousEnd } },
      { state: 'working', model: { ...model, previousEnd } },
      { state: 'ready', model: { ...model, previousEnd } },
    ] as const) {
      for (const listener of listeners) listener(status);
    }
    assert.equal(warned.length, 1);
  });
});
