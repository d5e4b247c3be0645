/** The bundled command line with a tiny model: what it prints, and how it exits. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { chatPrompt } from '../../../src/assist/chatPrompt';
import { editorFiller, rawFiller, type Filler } from '../../../src/cli/infill/fillers';
import { systemClock } from '../../../src/completion/clock';
import { Completer, DEFAULT_COMPLETER_OPTIONS } from '../../../src/completion/completer';
import type { Engine } from '../../../src/inference/engine';
import { createWorkerEngine } from '../../../src/inference/worker/workerEngine';
import { runCli, type CliOptions, type CliRun } from '../../support/cliProcess';
import { collect } from '../../support/collect';
import { temporaryFolder, TINY_TIED } from '../../support/tinyModel';
import { waitUntil } from '../../support/waitUntil';

describe('the command line', function () {
  this.timeout(120_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let engine: Engine;

  before(async () => {
    folder = await temporaryFolder();
    engine = createWorkerEngine({
      workerFile: resolve('dist/worker.js'),
      probeFile: resolve('dist/nativeProbe.js'),
      load: {
        modelPath: TINY_TIED,
        cacheDir: join(folder.path, 'converted'),
        contextTokens: 2048,
        threads: 1,
        variant: 'exact',
      },
    });
  });
  after(async () => {
    await engine.dispose();
    await folder.remove();
  });

  const tiny = ['--model', TINY_TIED, '--variant', 'exact', '--threads', '1'];
  const cli = (words: readonly string[], options: CliOptions = {}): Promise<CliRun> =>
    runCli(words, { ...options, env: { QWEN_CODER_HOME: folder.path, ...options.env } });
  const file = async (name: string, content: string | Buffer): Promise<string> => {
    await writeFile(join(folder.path, name), content);
    return join(folder.path, name);
  };
  const path = (name: string): string => join(folder.path, name);
  /** Sends a signal once these words are on standard error. */
  const signalAt =
    (words: string, signal: NodeJS.Signals): NonNullable<CliOptions['during']> =>
    (child) =>
      new Promise((done) => {
        let seen = '';
        const onText = (text: string): void => {
          seen += text;
          if (!seen.includes(words)) return;
          child.stderr.off('data', onText);
          child.kill(signal);
          done();
        };
        child.stderr.on('data', onText);
        child.once('close', () => done());
      });

  describe('alone', () => {
    it('says what it can do, on standard output', async () => {
      const { code, stdout, stderr } = await cli(['--help']);
      assert.deepEqual([code, stderr], [0, '']);
      for (const word of ['complete', 'generate', 'infill', 'models', 'score', 'Exit codes:']) {
        assert.ok(stdout.includes(word), word);
      }
    });

    for (const command of ['complete', 'generate', 'infill', 'score', 'models fetch']) {
      it(`has help for ${command} with its options, an example and the exit codes`, async () => {
        const { code, stdout, stderr } = await cli([...command.split(' '), '--help']);
        assert.deepEqual([code, stderr], [0, '']);
        for (const word of ['Options:', `qwen-coder ${command} `, 'Example', 'Exit codes:', '--verbose']) {
          assert.ok(stdout.includes(word), word);
        }
      });
    }

    it('has the version of the manifest', async () => {
      const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
      const { code, stdout } = await cli(['--version']);
      assert.deepEqual([code, stdout], [0, `${version}\n`]);
    });

    const wrong: [what: string, words: string[]][] = [
      ['nothing', []],
      ['an unknown command', ['bogus']],
      ['a missing argument', ['complete']],
      ['a place that is none', ['complete', 'a.py']],
      ['an unknown option', ['complete', 'a.py:1:1', '--bogus']],
      ['an unknown variant', ['generate', 'x', '--variant', 'best']],
      ['a number that is none', ['generate', 'x', '--threads', 'all']],
      ['a number out of bounds', ['generate', 'x', '--context', '511']],
      ['a temperature below 0', ['generate', 'x', '--temperature=-1']],
      ['an unknown model', ['generate', 'x', '--model', 'gpt']],
      ['an empty prompt', ['generate', ' ']],
      ['--first-line without --raw', ['infill', '--in', 'a', '--out', 'b', '--first-line']],
    ];
    for (const [what, words] of wrong) {
      it(`exits with 2 for ${what}, and says so on standard error`, async () => {
        const { code, stdout, stderr } = await cli(words);
        assert.deepEqual([code, stdout], [2, '']);
        assert.notEqual(stderr, '');
      });
    }

    it('exits with 3 where the model is not there', async () => {
      const own = await cli(['generate', 'x', '--model', path('none.gguf')]);
      assert.deepEqual([own.code, own.stdout], [3, '']);
      const known = await cli(['generate', 'x']);
      assert.equal(known.code, 3);
      assert.match(known.stderr, /qwen-coder models fetch 0\.5b/);
    });

    it('exits with 4 for a model that is damaged, or something else', async () => {
      await copyFile(TINY_TIED, path('cut.gguf'));
      await truncate(path('cut.gguf'), 20_000);
      for (const words of [
        ['generate', 'x'],
        ['infill', '--raw', '--in', await tasksFile(1), '--out', path('n')],
      ]) {
        for (const model of [path('cut.gguf'), await file('text.gguf', 'some notes')]) {
          const { code, stdout } = await cli([...words, '--model', model]);
          assert.deepEqual([code, stdout], [4, '']);
        }
      }
      assert.ok(!existsSync(path('n')));
    });

    it('exits with 5 where the prompt is longer than the context', async () => {
      const { code, stderr } = await cli(['generate', 'x'.repeat(3000), ...tiny, '--context', '512']);
      assert.equal(code, 5);
      assert.match(stderr, /--context/);
    });

    it('exits with 6 where a file cannot be read', async () => {
      const { code, stderr } = await cli(['complete', `${path('none.py')}:1:1`, ...tiny]);
      assert.equal(code, 6);
      assert.match(stderr, /none\.py/);
    });
  });

  describe('complete', () => {
    const shown = async (text: string, offset: number, languageId: string): Promise<string> => {
      const completer = new Completer(engine, DEFAULT_COMPLETER_OPTIONS, systemClock());
      const outcome = await completer.complete(
        { uri: 'file:///a', languageId, version: 1, text, offset },
        'explicit',
      );
      return outcome.kind === 'suggestion' ? outcome.text : `(${outcome.reason})`;
    };

    it('prints what the editor would show, and nothing else', async () => {
      const text = 'def total(items):\r\n    return \r\n';
      const place = await file('total.py', text);
      const { code, stdout, stderr } = await cli(['complete', `${place}:2:12`, ...tiny]);
      assert.deepEqual([code, stderr], [0, '']);
      assert.equal(stdout, `${await shown(text, text.indexOf('return ') + 7, 'python')}\n`);
      assert.ok(stdout.length > 2 && !stdout.startsWith('('));
    });

    it('takes text that has not been saved', async () => {
      const text = 'x = 1\n';
      const words = ['complete', '--stdin', `${path('unsaved.py')}:2:1`, ...tiny];
      const { code, stdout } = await cli(words, { input: `\ufeff${text}` });
      assert.deepEqual([code, stdout], [0, `${await shown(text, 6, 'python')}\n`]);
    });

    it('exits with 1 where the editor would show nothing, and says why on standard error', async () => {
      const text = 'for item in items:\n    ';
      assert.equal(await shown(text, text.length, 'python'), '(empty)');
      const place = await file('loop.py', text);
      const { code, stdout, stderr } = await cli(['complete', `${place}:2:5`, ...tiny]);
      assert.deepEqual([code, stdout], [1, '']);
      assert.equal(stderr, 'qwen-coder: no suggestion: the model has nothing to add here\n');
    });

    it('says more when asked to', async () => {
      const place = await file('total.py', 'def total(items):\n    return \n');
      const { code, stderr } = await cli(['complete', `${place}:2:12`, ...tiny, '--verbose']);
      assert.equal(code, 0);
      assert.match(stderr, /\(exact\) loaded in/);
      assert.match(stderr, /tokens in \d+ ms, ended by/);
    });

    it('refuses a place inside a character', async () => {
      const place = await file('smile.py', "x = '😀'\n");
      const { code, stdout } = await cli(['complete', `${place}:1:7`, ...tiny]);
      assert.deepEqual([code, stdout], [2, '']);
    });
  });

  describe('generate', () => {
    const answer = async (maxTokens: number): Promise<string> => {
      const prompt = chatPrompt([{ role: 'user', content: 'hello' }]);
      return (await collect(engine.generate({ prompt, maxTokens }))).text;
    };

    it('prints the answer to the prompt, in the model’s own chat format', async () => {
      const { code, stdout } = await cli(['generate', 'hello', ...tiny, '--max-tokens', '12']);
      assert.deepEqual([code, stdout], [0, `${await answer(12)}\n`]);
    });

    it('takes the prompt from standard input, and says when it cut the answer off', async () => {
      const { code, stdout, stderr } = await cli(['generate', '-', ...tiny, '--max-tokens', '3'], {
        input: 'hello',
      });
      assert.deepEqual([code, stdout], [0, `${await answer(3)}\n`]);
      assert.match(stderr, /--max-tokens/);
    });

    it('repeats a drawn answer by its seed', async () => {
      const drawn = async (seed: string) => {
        const sampling = ['--temperature', '5', '--top-p', '1', '--seed', seed, '--max-tokens', '12'];
        return (await cli(['generate', 'hello', ...tiny, ...sampling])).stdout;
      };
      const first = await drawn('1');
      assert.equal(await drawn('1'), first);
      assert.notEqual(await drawn('2'), first);
    });

    it('ends at a signal while it waits for standard input', async () => {
      const words = ['generate', '-', ...tiny, '--verbose'];
      const { code, signal } = await cli(words, { during: signalAt('standard input', 'SIGTERM') });
      assert.deepEqual([code, signal], [143, null]);
    });
  });

  const taskList = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      task_id: `T/${n}`,
      prompt: `def f${n}(items):\n    total = ${n}\n`,
      suffix: `    return total + ${n}\n`,
    }));
  const tasksFile = (count: number): Promise<string> =>
    file(
      `tasks${count}.jsonl`,
      taskList(count)
        .map((one) => `${JSON.stringify(one)}\n`)
        .join(''),
    );
  const linesOf = async (name: string): Promise<unknown[]> => {
    const text = await readFile(path(name), 'utf8');
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

  describe('infill', () => {
    it('writes what the bare model writes with --raw', async () => {
      const words = ['infill', '--in', await tasksFile(4), '--out', path('raw.jsonl'), '--raw'];
      const { code, stdout, stderr } = await cli([...words, ...tiny, '--max-tokens', '30']);
      assert.deepEqual([code, stdout], [0, '']);
      assert.match(stderr, /exact variant, 1 thread; raw prompt/);
      const fill = rawFiller(engine, { maxTokens: 30, firstLine: false });
      assert.deepEqual(await linesOf('raw.jsonl'), await expected(fill, taskList(4)));
    });

    it('writes what the editor would show without it', async () => {
      const { code } = await cli([
        'infill',
        '--in',
        await tasksFile(6),
        '--out',
        path('editor.jsonl'),
        ...tiny,
      ]);
      assert.equal(code, 0);
      const fill = editorFiller(engine, { languageId: 'python', maxTokens: 96 }, systemClock());
      const samples = await expected(fill, taskList(6));
      assert.deepEqual(await linesOf('editor.jsonl'), samples);
      assert.ok(samples.some(({ completion }) => completion !== ''));
    });

    it('takes every n-th task, and compresses where the names say so', async () => {
      const tasks = taskList(5);
      const input = await file('five.jsonl.gz', gzipSync(tasks.map((one) => JSON.stringify(one)).join('\n')));
      const words = [
        'infill',
        '--in',
        input,
        '--out',
        path('every.jsonl.gz'),
        '--raw',
        '--first-line',
        '--every',
        '2',
      ];
      assert.equal((await cli([...words, ...tiny])).code, 0);
      const fill = rawFiller(engine, { maxTokens: 128, firstLine: true });
      const chosen = tasks.filter((_, index) => index % 2 === 0);
      const text = gunzipSync(await readFile(path('every.jsonl.gz'))).toString('utf8');
      const samples = await expected(fill, chosen);
      assert.equal(text, samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
    });

    it('goes on where it was killed, with the same result', async () => {
      const count = 24;
      const words = (out: string) => ['infill', '--in', tasks, '--out', path(out), '--raw', ...tiny];
      const tasks = await tasksFile(count);
      const written = async () =>
        existsSync(path('killed.jsonl')) ? (await linesOf('killed.jsonl')).length : 0;
      const killed = await cli(words('killed.jsonl'), {
        during: async (child) => {
          await waitUntil(async () => (await written()) >= 2);
          child.kill('SIGKILL');
        },
      });
      assert.equal(killed.signal, 'SIGKILL');
      const before = await written();
      assert.ok(before >= 2 && before < count, `${before} of ${count}`);
      const { code, stderr } = await cli(words('killed.jsonl'));
      assert.equal(code, 0);
      assert.match(stderr, new RegExp(`^${before} tasks are in .*already`, 'm'));
      assert.equal((await cli(words('whole.jsonl'))).code, 0);
      assert.deepEqual(await linesOf('killed.jsonl'), await linesOf('whole.jsonl'));

      const again = await cli(words('killed.jsonl'));
      assert.deepEqual([again.code, (await linesOf('killed.jsonl')).length], [0, count]);
      await file('killed.jsonl', '{"task_id":"T/0","completion":"old"}\n');
      assert.equal((await cli([...words('killed.jsonl'), '--fresh', '--every', '12'])).code, 0);
      assert.deepEqual(
        (await linesOf('killed.jsonl')).slice(0, 1),
        (await linesOf('whole.jsonl')).slice(0, 1),
      );
    });

    it('ends at Ctrl+C with 130, whole lines and no crash', async () => {
      const { code, signal, stderr } = await cli(
        ['infill', '--in', await tasksFile(400), '--out', path('interrupted.jsonl'), '--raw', ...tiny],
        {
          during: async (child) => {
            await waitUntil(
              async () =>
                existsSync(path('interrupted.jsonl')) && (await linesOf('interrupted.jsonl')).length > 1,
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
        const words = [
          'infill',
          '--in',
          await tasksFile(1),
          '--out',
          path('early.jsonl'),
          '--raw',
          '--verbose',
          ...tiny,
        ];
        const { code, signal } = await cli(words, { during: signalAt(phase, 'SIGINT') });
        assert.deepEqual([code, signal], [130, null]);
      });
    }
  });
});
