/** The bundled command line with a tiny model: what it prints, and how it exits. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, readFile, truncate } from 'node:fs/promises';
import { chatPrompt } from '../../../src/assist/chatPrompt';
import { systemClock } from '../../../src/completion/clock';
import { Completer, DEFAULT_COMPLETER_OPTIONS, MAX_DOCUMENT_UNITS } from '../../../src/completion/completer';
import { collect } from '../../support/collect';
import { leaveDeadMark } from '../../support/deadMark';
import { TINY_TIED } from '../../support/tinyModel';
import { openTinyCli, signalAt, TINY, type TinyCli } from './tinyCli';

describe('the command line', function () {
  this.timeout(120_000);
  let tiny: TinyCli;
  before(async () => void (tiny = await openTinyCli()));
  after(() => tiny.dispose());

  describe('alone', () => {
    it('says what it can do, on standard output', async () => {
      const { code, stdout, stderr } = await tiny.run(['--help']);
      assert.deepEqual([code, stderr], [0, '']);
      for (const word of ['complete', 'generate', 'infill', 'models', 'score', 'Exit codes:']) {
        assert.ok(stdout.includes(word), word);
      }
    });

    for (const command of ['complete', 'generate', 'infill', 'score', 'models fetch']) {
      it(`has help for ${command} with its options, an example and the exit codes`, async () => {
        const { code, stdout, stderr } = await tiny.run([...command.split(' '), '--help']);
        assert.deepEqual([code, stderr], [0, '']);
        for (const word of ['Options:', `qwen-coder ${command} `, 'Example', 'Exit codes:', '--verbose']) {
          assert.ok(stdout.includes(word), word);
        }
      });
    }

    it('has the version of the manifest', async () => {
      const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
      const { code, stdout } = await tiny.run(['--version']);
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
        const { code, stdout, stderr } = await tiny.run(words);
        assert.deepEqual([code, stdout], [2, '']);
        assert.notEqual(stderr, '');
      });
    }

    it('exits with 3 where the model is not there', async () => {
      const own = await tiny.run(['generate', 'x', '--model', tiny.path('none.gguf')]);
      assert.deepEqual([own.code, own.stdout], [3, '']);
      const known = await tiny.run(['generate', 'x']);
      assert.equal(known.code, 3);
      assert.match(known.stderr, /qwen-coder models fetch 0\.5b/);
    });

    it('exits with 4 for a model that is damaged, or something else', async () => {
      await copyFile(TINY_TIED, tiny.path('cut.gguf'));
      await truncate(tiny.path('cut.gguf'), 20_000);
      for (const words of [
        ['generate', 'x'],
        [
          'infill',
          '--raw',
          '--in',
          await tiny.file('tasks.jsonl', '{"task_id": "T/0", "prompt": "", "suffix": ""}'),
          '--out',
          tiny.path('n'),
        ],
      ]) {
        for (const model of [tiny.path('cut.gguf'), await tiny.file('text.gguf', 'some notes')]) {
          const { code, stdout } = await tiny.run([...words, '--model', model]);
          assert.deepEqual([code, stdout], [4, '']);
        }
      }
      assert.ok(!existsSync(tiny.path('n')));
    });

    it('exits with 5 where the prompt is longer than the context', async () => {
      const { code, stderr } = await tiny.run(['generate', 'x'.repeat(3000), ...TINY, '--context', '512']);
      assert.equal(code, 5);
      assert.match(stderr, /--context/);
    });

    it('exits with 6 where a file cannot be read', async () => {
      const { code, stderr } = await tiny.run(['complete', `${tiny.path('none.py')}:1:1`, ...TINY]);
      assert.equal(code, 6);
      assert.match(stderr, /none\.py/);
    });
  });

  describe('complete', () => {
    const shown = async (text: string, offset: number, languageId: string): Promise<string> => {
      const completer = new Completer(tiny.engine, DEFAULT_COMPLETER_OPTIONS, systemClock());
      const outcome = await completer.complete(
        { uri: 'file:///a', languageId, version: 1, text, offset },
        'explicit',
      );
      return outcome.kind === 'suggestion' ? outcome.text : `(${outcome.reason})`;
    };

    // The tiny model writes nothing that parses, so these are in a language without a grammar.
    it('prints what the editor would show, and nothing else', async () => {
      const text = 'def total(items):\r\n    return \r\n';
      const place = await tiny.file('total.lua', text);
      const { code, stdout, stderr } = await tiny.run(['complete', `${place}:2:12`, ...TINY]);
      assert.deepEqual([code, stderr], [0, '']);
      assert.equal(stdout, `${await shown(text, text.indexOf('return ') + 7, 'lua')}\n`);
      assert.ok(stdout.length > 2 && !stdout.startsWith('('));
    });

    it('takes text that has not been saved', async () => {
      const text = 'x = 1\n';
      const words = ['complete', '--stdin', `${tiny.path('unsaved.lua')}:2:1`, ...TINY];
      const { code, stdout } = await tiny.run(words, { input: `\ufeff${text}` });
      assert.deepEqual([code, stdout], [0, `${await shown(text, 6, 'lua')}\n`]);
    });

    it('exits with 1 where the editor would show nothing, and says why on standard error', async () => {
      const text = `for item in items:\n    #${' '.repeat(MAX_DOCUMENT_UNITS)}`;
      assert.equal(await shown(text, 23, 'python'), '(document-too-large)');
      const place = await tiny.file('loop.py', text);
      const { code, stdout, stderr } = await tiny.run(['complete', `${place}:2:5`, ...TINY]);
      assert.deepEqual([code, stdout], [1, '']);
      assert.equal(stderr, 'qwen-coder: no suggestion: the document is too long\n');
    });

    it('withholds what would break a file that parses, as the editor does', async () => {
      const place = await tiny.file('total.py', 'def total(items):\n    return \n');
      const { code, stdout, stderr } = await tiny.run(['complete', `${place}:2:12`, ...TINY]);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /does not fit the syntax of the file/);
    });

    it('says more when asked to', async () => {
      const place = await tiny.file('total.lua', 'def total(items):\n    return \n');
      const { code, stderr } = await tiny.run(['complete', `${place}:2:12`, ...TINY, '--verbose']);
      assert.equal(code, 0);
      assert.match(stderr, /\(exact\) loaded in/);
      assert.match(stderr, /tokens in \d+ ms, ended by/);
    });

    it('says on standard error, once, that an earlier session ended unexpectedly', async () => {
      const place = await tiny.file('total.lua', 'def total(items):\n    return \n');
      const words = ['complete', `${place}:2:12`, ...TINY];
      await leaveDeadMark(tiny.path('converted'), { phase: 'running', model: 'Tiny', variant: 'fast' });
      const first = await tiny.run(words);
      assert.equal(first.code, 0);
      assert.match(
        first.stderr,
        /^An earlier session ended unexpectedly while it was working with Tiny \(fast\)\..*--variant exact/,
      );
      await leaveDeadMark(tiny.path('converted'), { phase: 'idle' });
      const second = await tiny.run(words);
      assert.deepEqual([second.code, second.stderr, second.stdout], [0, '', first.stdout]);
    });

    it('refuses a place inside a character', async () => {
      const place = await tiny.file('smile.py', "x = '😀'\n");
      const { code, stdout } = await tiny.run(['complete', `${place}:1:7`, ...TINY]);
      assert.deepEqual([code, stdout], [2, '']);
    });
  });

  describe('generate', () => {
    const answer = async (maxTokens: number): Promise<string> => {
      const prompt = chatPrompt([{ role: 'user', content: 'hello' }]);
      return (await collect(tiny.engine.generate({ prompt, maxTokens }))).text;
    };

    it('prints the answer to the prompt, in the model’s own chat format', async () => {
      const { code, stdout } = await tiny.run(['generate', 'hello', ...TINY, '--max-tokens', '12']);
      assert.deepEqual([code, stdout], [0, `${await answer(12)}\n`]);
    });

    it('takes the variant that suits this machine unless one is named', async () => {
      const words = ['generate', 'hello', '--model', TINY_TIED, '--max-tokens', '5'];
      const chosen = await tiny.run([...words, '--verbose']);
      assert.equal(chosen.code, 0, chosen.stderr);
      const [, variant = ''] = /^variant (\w+): /m.exec(chosen.stderr) ?? [];
      const named = await tiny.run([...words, '--variant', variant]);
      assert.deepEqual([named.code, named.stdout], [0, chosen.stdout]);
    });

    it('takes the prompt from standard input, and says when it cut the answer off', async () => {
      const { code, stdout, stderr } = await tiny.run(['generate', '-', ...TINY, '--max-tokens', '3'], {
        input: 'hello',
      });
      assert.deepEqual([code, stdout], [0, `${await answer(3)}\n`]);
      assert.match(stderr, /--max-tokens/);
    });

    it('repeats a drawn answer by its seed', async () => {
      const drawn = async (seed: string) => {
        const sampling = ['--temperature', '5', '--top-p', '1', '--seed', seed, '--max-tokens', '12'];
        return (await tiny.run(['generate', 'hello', ...TINY, ...sampling])).stdout;
      };
      const first = await drawn('1');
      assert.equal(await drawn('1'), first);
      assert.notEqual(await drawn('2'), first);
    });

    it('ends at a signal while it waits for standard input', async () => {
      const words = ['generate', '-', ...TINY, '--verbose'];
      const { code, signal } = await tiny.run(words, { during: signalAt('standard input', 'SIGTERM') });
      assert.deepEqual([code, signal], [143, null]);
    });
  });
});
