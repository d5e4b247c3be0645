import assert from 'node:assert/strict';
import { ChatSession, type ChatSessionDeps } from '../../../../src/assist/chat/chatSession';
import type { ContextItem } from '../../../../src/assist/context/contextItem';
import { EngineError, type WireError } from '../../../../src/inference/errors';
import { ScriptedEngine, settle, type ScriptedRun } from '../../completion/scriptedEngine';

const FILE: ContextItem = {
  kind: 'file',
  label: 'a.py',
  path: 'a.py',
  firstLine: 1,
  languageId: 'python',
  text: 'x = 1',
};

const seen = new WeakMap<ScriptedEngine, number>();
/** Waits until the engine is asked once more. */
async function nextRun(engine: ScriptedEngine): Promise<ScriptedRun> {
  const at = seen.get(engine) ?? 0;
  seen.set(engine, at + 1);
  while (engine.runs.length <= at) await settle();
  return engine.last;
}

const SAMPLING = { temperature: 0.7, topK: 20, topP: 0.8 };

function setUp(options: Partial<ChatSessionDeps> = {}) {
  const engine = new ScriptedEngine();
  const texts: string[] = [];
  const errors: WireError[] = [];
  let id = 0;
  const session = new ChatSession(
    {
      engine: () => Promise.resolve(engine),
      contextTokens: () => 2000,
      maxAnswerTokens: () => 200,
      retrySampling: SAMPLING,
      newId: () => `id${++id}`,
      wallClock: () => 1000,
      now: () => 0,
      ...options,
    },
    {
      onChange: () => undefined,
      onText: (_, at, text) => texts.push(`${at}:${text}`),
      onError: (error) => errors.push(error),
    },
  );
  const last = () => session.conversation.turns.at(-1);
  return { engine, session, texts, errors, last };
}

/** Lets one question be answered. */
async function answered(
  { engine, session }: ReturnType<typeof setUp>,
  question: string,
  answer: string,
  items: readonly ContextItem[] = [],
): Promise<string> {
  const asked = session.ask(question, items);
  const run = await nextRun(engine);
  await run.prefilled();
  await run.text(answer);
  await run.done();
  await asked;
  return run.prompt;
}

describe('ChatSession', () => {
  it('asks in the model’s format, in the background, and keeps the answer as it comes', async () => {
    const parts = setUp();
    const asked = parts.session.ask('What is this?', [FILE]);
    const run = await nextRun(parts.engine);
    assert.equal(run.request.priority, 'background');
    assert.equal(run.request.sampling, undefined);
    assert.match(
      run.prompt,
      /^<im_start>system\n[^<]*<im_end>\n<im_start>user\nFile a\.py:\n```python\nx = 1\n```\n\nWhat is this\?<im_end>\n<im_start>assistant\n$/,
    );
    assert.ok(parts.session.busy);
    await run.prefilled();
    await run.text('A ', 'number.');
    assert.equal(parts.last()?.answer, 'A number.');
    assert.equal(parts.last()?.state, 'writing');
    await run.done();
    await asked;
    assert.deepEqual(parts.texts, ['0:A ', '2:number.']);
    assert.equal(parts.last()?.state, 'done');
    assert.ok(!parts.session.busy);
  });

  it('sends the same beginning again with each further question, so that it stays evaluated', async () => {
    const parts = setUp();
    const first = await answered(parts, 'One?', 'First.', [FILE]);
    const second = await answered(parts, 'Two?', 'Second.');
    assert.ok(second.startsWith(`${first}First.<im_end>`), second);
    const third = await answered(parts, 'Three?', 'Third.');
    assert.ok(third.startsWith(`${second}Second.<im_end>`), third);
  });

  it('forgets the oldest turns when the context is full, and then many at once', async () => {
    const parts = setUp({ contextTokens: () => 900, maxAnswerTokens: () => 100 });
    const firsts: number[] = [];
    for (let at = 0; at < 12; at++) {
      const prompt = await answered(parts, `Question ${at} ${'word '.repeat(60)}`, 'answer '.repeat(20));
      assert.ok(prompt.length / 3 <= 900 - 100 + 60, `${prompt.length} units`);
      firsts.push(parts.session.conversation.firstSent);
    }
    const moves = new Set(firsts).size - 1;
    assert.ok(moves >= 2 && moves <= 5, firsts.join(' '));
  });

  it('asks again with the same message, and forgets what came behind', async () => {
    const parts = setUp();
    const first = await answered(parts, 'One?', 'First.', [FILE]);
    await answered(parts, 'Two?', 'Second.');
    const again = parts.session.retry('id2');
    const run = await nextRun(parts.engine);
    assert.equal(run.prompt, first);
    assert.deepEqual(run.request.sampling, SAMPLING, 'the same answer would come again');
    assert.equal(parts.session.conversation.turns.length, 1);
    await run.prefilled();
    await run.text('Other.');
    await run.done();
    await again;
    assert.equal(parts.last()?.answer, 'Other.');
  });

  it('stops at once, keeps what was written, and answers the next question', async () => {
    const parts = setUp();
    const asked = parts.session.ask('One?', []);
    const run = await nextRun(parts.engine);
    await run.prefilled();
    await run.text('Half an ');
    await parts.session.stop();
    await asked;
    assert.equal(parts.last()?.state, 'stopped');
    assert.equal(parts.last()?.answer, 'Half an ');
    assert.ok(run.stopped);
    assert.match(await answered(parts, 'Two?', 'Yes.'), /Half an <im_end>/);
  });

  it('stops the answer under way when another question comes', async () => {
    const parts = setUp();
    const first = parts.session.ask('One?', []);
    await (await nextRun(parts.engine)).prefilled();
    await answered(parts, 'Two?', 'Yes.');
    await first;
    assert.deepEqual(
      parts.session.conversation.turns.map(({ state }) => state),
      ['stopped', 'done'],
    );
  });

  it('answers the last of two questions that come at once', async () => {
    const parts = setUp();
    const both = [parts.session.ask('One?', []), parts.session.ask('Two?', [])];
    while (parts.engine.runs.at(-1)?.prompt.includes('Two?') !== true) await settle();
    await parts.engine.last.prefilled();
    await parts.engine.last.done();
    await Promise.all(both);
    assert.ok(!parts.engine.overlapped);
    assert.deepEqual(
      parts.session.conversation.turns.map(({ question, state }) => `${question} ${state}`),
      ['One? stopped', 'Two? done'],
    );
  });

  it('puts an edited question in the place of the old one', async () => {
    const parts = setUp();
    await answered(parts, 'One?', 'First.');
    await answered(parts, 'Two?', 'Second.');
    const edited = parts.session.edit('id2', 'Uno?', []);
    const run = await nextRun(parts.engine);
    await run.prefilled();
    await run.done();
    await edited;
    assert.deepEqual(
      parts.session.conversation.turns.map(({ question }) => question),
      ['Uno?'],
    );
  });

  it('says what was left out of the context', async () => {
    const parts = setUp();
    const text = Array.from({ length: 3000 }, (_, line) => `line ${line}`).join('\n');
    await answered(parts, '/explain', 'It is long.', [{ ...FILE, text }]);
    assert.match(parts.last()?.notes[0] ?? '', /^Only the first \d+ of 3000 lines of a\.py fitted\.$/);
  });

  it('says in the turn what went wrong, and tells the listener', async () => {
    const failing = setUp({
      engine: () => Promise.reject(new EngineError('model-missing', 'No model is there.')),
    });
    await failing.session.ask('One?', []);
    assert.equal(failing.last()?.state, 'failed');
    assert.deepEqual(failing.last()?.notes, ['No model is there.']);
    assert.equal(failing.errors[0]?.code, 'model-missing');

    const parts = setUp();
    const asked = parts.session.ask('One?', []);
    const run = await nextRun(parts.engine);
    await run.prefilled();
    await run.text('Half');
    await run.fail(new EngineError('worker-died', 'It stopped.'));
    await asked;
    assert.equal(parts.last()?.state, 'failed');
    assert.equal(parts.last()?.answer, 'Half');
  });

  it('can be stopped while the model loads', async () => {
    const parts = setUp({
      engine: (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new EngineError('aborted', 'withdrawn')));
        }),
    });
    const asked = parts.session.ask('One?', []);
    await settle();
    await parts.session.stop();
    await asked;
    assert.equal(parts.last()?.state, 'stopped');
    assert.deepEqual(parts.errors, []);
  });

  it('ends an answer that repeats itself, and one that is too long, with a note', async () => {
    const parts = setUp();
    const looping = parts.session.ask('One?', []);
    const run = await nextRun(parts.engine);
    await run.prefilled();
    await run.text('Well.\n', ...Array.from({ length: 8 }, () => 'This is said again and again. '));
    await looping;
    assert.ok(run.stopped);
    assert.match(parts.last()?.notes.join() ?? '', /repeat itself/);
    assert.equal(parts.last()?.answer, 'Well.\nThis is said again and again. ');

    const long = parts.session.ask('Two?', []);
    const second = await nextRun(parts.engine);
    await second.prefilled();
    await second.text('x');
    await second.done('max-tokens');
    await long;
    assert.match(parts.last()?.notes.join() ?? '', /cut off/);
  });
});
