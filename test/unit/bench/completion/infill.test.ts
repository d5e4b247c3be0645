import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgramOutcome } from '../../../../src/cli/score/pythonSandbox';
import { fimRequest } from '../../../../src/completion/fimPrompt';
import type { Engine, GenerateEvent, GenerateRequest } from '../../../../src/inference/engine';
import { chooseTasks } from '../../../bench/completion/infillTasks';
import { firstCut, lineEndings } from '../../../bench/completion/lineEnds';
import { rememberingSandbox } from '../../../bench/completion/outcomeCache';
import { RecordedEngine, recordingKey, textOf } from '../../../bench/completion/recordedEngine';
import { ScriptedEngine } from '../../completion/scriptedEngine';

async function drain(events: AsyncIterable<GenerateEvent>): Promise<void> {
  const iterator = events[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

describe('benchmark of completion: ends', () => {
  const prompt = 'def f(x):\n';
  const suffix = '\n    return y\n';

  it('cuts where the first line of the suffix comes again as a whole line', () => {
    assert.equal(firstCut('    y = x\n\n    return y\n\nprint(f(1))\n', prompt, suffix), '    y = x\n\n');
    assert.equal(
      firstCut('    y = x  # return y\n    return y + 1\n', prompt, suffix),
      '    y = x  # return y\n    return y + 1\n',
    );
  });

  it('leaves text whole that repeats nothing, and where nothing follows', () => {
    assert.equal(firstCut('    y = x\n', prompt, suffix), '    y = x\n');
    assert.equal(firstCut('    return x\nprint(1)', prompt, '\n\n'), '    return x\nprint(1)');
  });

  it('looks for a suffix that begins inside a line anywhere', () => {
    assert.equal(firstCut('x + 1) * 2', 'y = (', ') * 2\n'), 'x + 1');
  });

  it('offers each line end once, with the rest of the text', () => {
    assert.deepEqual(lineEndings('a\nb\nc'), ['a\n', 'a\nb\n', 'a\nb\nc', 'a\nb\nc\n']);
    assert.deepEqual(lineEndings('a\n'), ['a\n', 'a\n\n']);
    assert.deepEqual(lineEndings(''), []);
  });
});

describe('benchmark of completion: tasks', () => {
  const tasks = Array.from({ length: 1000 }, (_, index) => ({ task_id: `task/${index}` }));

  it('takes every third of those with one line', () => {
    const chosen = chooseTasks('singleLine', tasks).map(({ task_id }) => task_id);
    assert.deepEqual(chosen.slice(0, 3), ['task/0', 'task/3', 'task/6']);
    assert.equal(chosen.length, 334);
  });

  it('takes the same 300 of those with several lines, in whatever order the file has them', () => {
    const chosen = chooseTasks('multiLine', tasks);
    assert.equal(new Set(chosen).size, 300);
    assert.deepEqual(chooseTasks('multiLine', [...tasks].reverse()), chosen);
    assert.ok(
      chosen.some(({ task_id }) => Number(task_id.slice(5)) > 900),
      'from everywhere in the file',
    );
  });
});

describe('benchmark of completion: recordings', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'qwen-coder-record-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const request = fimRequest('a', 'b', 8);
  const twoTokens = (): ScriptedEngine => {
    const engine = new ScriptedEngine();
    engine.answerWith(async (run) => {
      await run.prefilled();
      await run.text('one', ' two');
      await run.done();
    });
    return engine;
  };
  const collect = async (engine: Engine, stopAt?: string): Promise<GenerateEvent[]> => {
    const events: GenerateEvent[] = [];
    for await (const event of engine.generate(request)) {
      events.push(event);
      if (event.type === 'text' && event.text === stopAt) break;
    }
    return events;
  };

  it('are whole although the caller had enough, and answer as the engine did', async () => {
    const engine = twoTokens();
    await collect(new RecordedEngine(engine, { identity: 'a', folder }), 'one');
    const again = new RecordedEngine(engine, { identity: 'a', folder });
    const events = await collect(again);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['prefilled', 'text', 'text', 'done'],
    );
    assert.equal(engine.runs.length, 1);
    assert.deepEqual(again.counts, { asked: 0, replayed: 1 });
    assert.equal(again.last && textOf(again.last), 'one two');
  });

  it('of another model or another request are none', async () => {
    const engine = twoTokens();
    await collect(new RecordedEngine(engine, { identity: 'a', folder }));
    await collect(new RecordedEngine(engine, { identity: 'b', folder }));
    assert.equal(engine.runs.length, 2);
    assert.notEqual(recordingKey(request, 'a'), recordingKey({ ...request, maxTokens: 9 }, 'a'));
    const turned = Object.fromEntries(Object.entries(request).reverse()) as unknown as GenerateRequest;
    assert.equal(recordingKey(turned, 'a'), recordingKey(request, 'a'));
  });

  it('are not made of a generation that was aborted', async () => {
    const engine = new ScriptedEngine();
    const abort = new AbortController();
    engine.answerWith(async (run) => {
      await run.prefilled();
      abort.abort();
    });
    const recorded = new RecordedEngine(engine, { identity: 'a', folder });
    await assert.rejects(drain(recorded.generate(request, abort.signal)), /withdrawn/);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('of programs spare running them again, but for those that ran out of time', async () => {
    const ran: string[] = [];
    const outcomes: Record<string, ProgramOutcome> = { good: { kind: 'passed' }, slow: { kind: 'timeout' } };
    const sandbox = {
      run: (program: string): Promise<ProgramOutcome> => {
        ran.push(program);
        return Promise.resolve(outcomes[program] ?? { kind: 'failed', error: 'NameError' });
      },
    };
    const { signal } = new AbortController();
    const file = join(folder, 'outcomes.jsonl');
    for (let time = 0; time < 2; time++) {
      const remembering = rememberingSandbox(sandbox, file);
      for (const program of ['good', 'bad', 'slow', 'good']) {
        const { kind } = await remembering.run(program, signal);
        assert.equal(kind, { good: 'passed', bad: 'failed', slow: 'timeout' }[program]);
      }
    }
    assert.deepEqual(ran, ['good', 'bad', 'slow', 'slow']);
  });
});
