/** `qwen-coder infill` with a tiny model. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { editorFiller, rawFiller, type Filler } from '../../../src/cli/infill/fillers';
import { systemClock } from '../../../src/completion/clock';
import { waitUntil } from '../../support/waitUntil';
import { openTinyCli, signalAt, TINY, type TinyCli } from './tinyCli';
import { testSyntax } from '../../support/syntax';

describe('qwen-coder infill', function () {
  this.timeout(120_000);
  let tiny: TinyCli;
  before(async () => void (tiny = await openTinyCli()));
  after(() => tiny.dispose());

  const taskList = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      task_id: `T/${n}`,
      prompt: `def f${n}(items):\n    total = ${n}\n`,
      suffix: `    return total + ${n}\n`,
    }));
  const tasksFile = (count: number): Promise<string> =>
    tiny.file(
      `tasks${count}.jsonl`,
      taskList(count)
        .map((one) => `${JSON.stringify(one)}\n`)
        .join(''),
    );
  const linesOf = async (name: string): Promise<unknown[]> => {
    const text = await readFile(tiny.path(name), 'utf8');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line): unknown => JSON.parse(line));
  };
  const expected = async (fill: Filler, tasks: ReturnType<typeof taskList>) => {
    const samples = [];
    for (const task of tasks) {
      const { completion } = await fill(task, new AbortController().signal);
      samples.push({ task_id: task.task_id, completion });
    }
    return samples;
  };

  it('writes what the bare model writes with --raw', async () => {
    const words = ['infill', '--in', await tasksFile(4), '--out', tiny.path('raw.jsonl'), '--raw'];
    const { code, stdout, stderr } = await tiny.run([...words, ...TINY, '--max-tokens', '30']);
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /exact variant, 1 thread; raw prompt/);
    const fill = rawFiller(tiny.engine, { maxTokens: 30, firstLine: false });
    assert.deepEqual(await linesOf('raw.jsonl'), await expected(fill, taskList(4)));
  });

  it('writes what the editor would show without it', async () => {
    const words = ['infill', '--in', await tasksFile(6), '--out', tiny.path('editor.jsonl'), ...TINY];
    const { code } = await tiny.run(words);
    assert.equal(code, 0);
    const fill = editorFiller(
      tiny.engine,
      { languageId: 'python', maxTokens: 96, syntax: testSyntax() },
      systemClock(),
    );
    const samples = await expected(fill, taskList(6));
    assert.deepEqual(await linesOf('editor.jsonl'), samples);
    assert.ok(samples.some(({ completion }) => completion !== ''));
  });

  it('takes every n-th task, and compresses where the names say so', async () => {
    const tasks = taskList(5);
    const input = await tiny.file(
      'five.jsonl.gz',
      gzipSync(tasks.map((one) => JSON.stringify(one)).join('\n')),
    );
    const files = ['--in', input, '--out', tiny.path('every.jsonl.gz')];
    const words = ['infill', ...files, '--raw', '--first-line', '--every', '2'];
    assert.equal((await tiny.run([...words, ...TINY])).code, 0);
    const fill = rawFiller(tiny.engine, { maxTokens: 128, firstLine: true });
    const chosen = tasks.filter((_, index) => index % 2 === 0);
    const text = gunzipSync(await readFile(tiny.path('every.jsonl.gz'))).toString('utf8');
    const samples = await expected(fill, chosen);
    assert.equal(text, samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
  });

  it('goes on where it was killed, with the same result', async () => {
    const count = 24;
    const words = (out: string) => ['infill', '--in', tasks, '--out', tiny.path(out), '--raw', ...TINY];
    const tasks = await tasksFile(count);
    const written = async () =>
      existsSync(tiny.path('killed.jsonl')) ? (await linesOf('killed.jsonl')).length : 0;
    const killed = await tiny.run(words('killed.jsonl'), {
      during: async (child) => {
        await waitUntil(async () => (await written()) >= 2);
        child.kill('SIGKILL');
      },
    });
    assert.equal(killed.signal, 'SIGKILL');
    const before = await written();
    assert.ok(before >= 2 && before < count, `${before} of ${count}`);
    const { code, stderr } = await tiny.run(words('killed.jsonl'));
    assert.equal(code, 0);
    assert.match(stderr, new RegExp(`^${before} tasks are in .*already`, 'm'));
    assert.equal((await tiny.run(words('whole.jsonl'))).code, 0);
    assert.deepEqual(await linesOf('killed.jsonl'), await linesOf('whole.jsonl'));

    const again = await tiny.run(words('killed.jsonl'));
    assert.deepEqual([again.code, (await linesOf('killed.jsonl')).length], [0, count]);
    await tiny.file('killed.jsonl', '{"task_id":"T/0","completion":"old"}\n');
    assert.equal((await tiny.run([...words('killed.jsonl'), '--fresh', '--every', '12'])).code, 0);
    assert.deepEqual((await linesOf('killed.jsonl')).slice(0, 1), (await linesOf('whole.jsonl')).slice(0, 1));
  });

  it('lets two runs take turns, so that no sample is lost or doubled', async () => {
    const words = ['infill', '--in', await tasksFile(6), '--out', tiny.path('both.jsonl'), '--raw', ...TINY];
    const runs = await Promise.all([tiny.run(words), tiny.run(words)]);
    assert.deepEqual(
      runs.map(({ code }) => code),
      [0, 0],
    );
    assert.ok(runs.some(({ stderr }) => stderr.includes('Waiting for another run')));
    const ids = (await linesOf('both.jsonl')).map((line) => (line as { task_id: string }).task_id);
    assert.deepEqual(
      ids,
      taskList(6).map(({ task_id }) => task_id),
    );
  });

  it('ends at Ctrl+C with 130, whole lines and no crash', async () => {
    const { code, signal, stderr } = await tiny.run(
      ['infill', '--in', await tasksFile(400), '--out', tiny.path('interrupted.jsonl'), '--raw', ...TINY],
      {
        during: async (child) => {
          await waitUntil(
            async () =>
              existsSync(tiny.path('interrupted.jsonl')) && (await linesOf('interrupted.jsonl')).length > 1,
          );
          child.kill('SIGINT');
        },
      },
    );
    assert.deepEqual([code, signal], [130, null], stderr);
    const lines = await linesOf('interrupted.jsonl');
    assert.ok(lines.length > 1 && lines.length < 400);
    assert.doesNotMatch(stderr, /400 tasks are in/);
  });

  for (const phase of ['Looking whether', 'Checking the weights', 'Loading the model']) {
    it(`ends at a signal while it says "${phase} …"`, async () => {
      const files = ['--in', await tasksFile(1), '--out', tiny.path('early.jsonl')];
      const words = ['infill', ...files, '--raw', '--verbose', ...TINY];
      const { code, signal } = await tiny.run(words, { during: signalAt(phase, 'SIGINT') });
      assert.deepEqual([code, signal], [130, null]);
    });
  }
});
