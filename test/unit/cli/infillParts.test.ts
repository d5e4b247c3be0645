import assert from 'node:assert/strict';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CliError, EXIT } from '../../../src/cli/exitCodes';
import { editorFiller, editorPlace, endsLine, firstLineOf, rawFiller } from '../../../src/cli/infill/fillers';
import { readInfillTasks } from '../../../src/cli/infill/infillTask';
import { readInterruptedSamples, readSamples, SampleFile } from '../../../src/cli/infill/sampleFile';
import { EngineError } from '../../../src/inference/errors';
import { temporaryFolder } from '../../support/tinyModel';
import { FakeClock } from '../completion/fakeClock';
import { ScriptedEngine } from '../completion/scriptedEngine';
import { testSyntax } from '../../support/syntax';

const task = (prompt: string, suffix: string) => ({ task_id: 'T/1', prompt, suffix });
const never = new AbortController().signal;
const unreadable = (error: unknown) => error instanceof CliError && error.exitCode === EXIT.fileFailed;

/** An engine that writes these pieces and then ends by itself. */
function writing(...pieces: string[]): ScriptedEngine {
  const engine = new ScriptedEngine();
  engine.answerWith(async (run) => {
    await run.prefilled();
    for (const piece of pieces) if (!run.over) await run.text(piece);
    if (!run.over) await run.done();
  });
  return engine;
}

describe('rawFiller', () => {
  const raw = (engine: ScriptedEngine, firstLine = false) => rawFiller(engine, { maxTokens: 128, firstLine });

  it('asks by the bare prompt, greedily, with every special token as an end', async () => {
    const engine = writing('x');
    await raw(engine)(task('before\n', 'behind'), never);
    const { prompt, request } = engine.last;
    assert.equal(prompt, '<fim_prefix>before\n<fim_suffix>behind<fim_middle>');
    assert.deepEqual(Object.keys(request).sort(), ['maxTokens', 'prompt']);
    assert.equal(request.maxTokens, 128);
  });

  it('keeps all that was written, blanks included', async () => {
    const filled = await raw(writing('  a\n', '\nb ', '\n'))(task('', ''), never);
    assert.deepEqual(filled, { completion: '  a\n\nb \n', endedBy: 'stop-token' });
  });

  it('stops at the end of the first line when asked to, and keeps that line', async () => {
    const engine = writing('  ret', 'urn 1', '\n  retu', 'rn 2', '\n');
    const filled = await raw(engine, true)(task('', ''), never);
    assert.deepEqual(filled, { completion: '  return 1\n', endedBy: 'first-line' });
    assert.ok(engine.last.stopped);
  });

  it('ends the first line also where the model ended', async () => {
    assert.equal((await raw(writing('  return 1'), true)(task('', ''), never)).completion, '  return 1\n');
    assert.equal((await raw(writing('  '), true)(task('', ''), never)).completion, '  ');
    assert.equal((await raw(writing(), true)(task('', ''), never)).completion, '');
  });

  it('looks for the end behind leading line ends', () => {
    assert.deepEqual(['\n\n', '\n\nx', 'x', ''].map(endsLine), [false, false, false, false]);
    assert.deepEqual(['x\n', '\nx\n', '  \n'].map(endsLine), [true, true, true]);
    assert.deepEqual(['x\ny', 'x', '\nx\n', ' \n', ''].map(firstLineOf), ['x\n', 'x\n', '\n', ' \n', '']);
  });
});

describe('editorFiller', () => {
  const filler = (engine: ScriptedEngine) =>
    editorFiller(engine, { languageId: 'python', maxTokens: 96, syntax: testSyntax() }, new FakeClock());

  it('puts the cursor on a line of its own where the hole is whole lines', () => {
    assert.deepEqual(editorPlace(task('a\n', 'b\n')), { text: 'a\n\nb\n', offset: 2, lineEnd: '\n' });
    assert.deepEqual(editorPlace(task('', 'b\n')), { text: '\nb\n', offset: 0, lineEnd: '\n' });
    assert.deepEqual(editorPlace(task('a\n', '\nb\n')), { text: 'a\n\nb\n', offset: 2, lineEnd: '' });
    assert.deepEqual(editorPlace(task('a\n', '')), { text: 'a\n', offset: 2, lineEnd: '' });
    assert.deepEqual(editorPlace(task('a = ', ' + 1\n')), { text: 'a =  + 1\n', offset: 4, lineEnd: '' });
  });

  it('answers what the editor would show, with the line end that belongs to the hole', async () => {
    const engine = writing('    x = 1\n', '    return x\n', 'print(x)\n');
    const filled = await filler(engine)(task('def f():\n', '    return x\n\nprint(x)\n'), never);
    assert.equal(filled.completion, '    x = 1\n');
    assert.equal(
      engine.last.prompt,
      '<fim_prefix>def f():\n<fim_suffix>\n    return x\n\nprint(x)\n<fim_middle>',
    );
  });

  it('leaves out what would break the text around the hole', async () => {
    const engine = writing('    x = 1\n', '    y = = 2\n', 'print(x)\n');
    const filled = await filler(engine)(task('def f():\n', '    return x\n\nprint(x)\n'), never);
    assert.deepEqual(filled, { completion: '    x = 1\n', endedBy: 'breaks-syntax' });
  });

  it('answers nothing where the editor would show nothing, and throws what the engine throws', async () => {
    assert.deepEqual(await filler(writing(' \n'))(task('a\n', 'b\n'), never), {
      completion: '',
      endedBy: 'empty',
    });
    const broken = new ScriptedEngine();
    broken.answerWith((run) => run.fail(new EngineError('native-failure', 'broken')));
    await assert.rejects(filler(broken)(task('a\n', 'b\n'), never), /broken/);
  });

  it('lets one task know nothing of another, though they share their text', async () => {
    const engine = writing('x = 1\n');
    const fill = filler(engine);
    for (const id of ['T/1', 'T/2']) await fill({ ...task('a\n', '\nb\n'), task_id: id }, never);
    await fill(task('a\n', '\nb\n'), never);
    assert.equal(engine.runs.length, 3);
    assert.ok(engine.runs.every(({ request }) => request.keepSuffix !== true));
  });
});

describe('files of tasks and samples', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => void (folder = await temporaryFolder()));
  after(() => folder.remove());
  const file = async (name: string, content: string | Buffer): Promise<string> => {
    const path = join(folder.path, name);
    await writeFile(path, content);
    return path;
  };

  it('reads tasks in order, compressed or not, whatever else they hold', async () => {
    const text = [2, 1]
      .map((n) => JSON.stringify({ ...task('p', 's'), task_id: `T/${n}`, test: '' }))
      .join('\n\n');
    for (const path of [await file('a.jsonl', text), await file('a.jsonl.gz', gzipSync(text))]) {
      assert.deepEqual(await readInfillTasks(path), [
        { ...task('p', 's'), task_id: 'T/2' },
        { ...task('p', 's'), task_id: 'T/1' },
      ]);
    }
  });

  const line = JSON.stringify(task('p', 's'));
  const damaged: [what: string, content: string | Buffer][] = [
    ['no JSON', `${line}\n{"task_id": \n`],
    ['a missing field', '{"task_id": "T/1", "prompt": "p"}'],
    ['a field of another type', '{"task_id": "T/1", "prompt": "p", "suffix": 1}'],
    ['a number', '1'],
    ['null', 'null'],
    ['a file without tasks', '\n'],
    ['a task twice', `${line}\n${line}`],
    ['a cut compressed file', gzipSync(line).subarray(0, 30)],
  ];
  for (const [what, content] of damaged) {
    it(`refuses ${what}`, async () => {
      const path = await file('damaged.jsonl', content);
      await assert.rejects(readInfillTasks(path), unreadable);
    });
  }

  it('refuses a file that is not there', async () => {
    await assert.rejects(readInfillTasks(join(folder.path, 'none')), unreadable);
    await assert.rejects(readSamples(join(folder.path, 'none')), unreadable);
    assert.deepEqual(await readInterruptedSamples(join(folder.path, 'none')), []);
  });

  const samples = [1, 2, 3].map((n) => ({ task_id: `T/${n}`, completion: `line ${n}\n“é”` }));

  for (const name of ['out.jsonl', 'out.jsonl.gz']) {
    it(`adds to ${name} what can be read after each line`, async () => {
      const path = join(folder.path, name);
      const target = await SampleFile.open(path, []);
      try {
        for (const [index, sample] of samples.entries()) {
          await target.add(sample);
          assert.deepEqual(await readSamples(path), samples.slice(0, index + 1));
        }
      } finally {
        await target.close();
      }
      const bytes = await readFile(path);
      const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
      assert.equal(text, samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
    });

    it(`goes on behind the whole lines of ${name}, wherever it was cut`, async () => {
      const whole = join(folder.path, name);
      const bytes = await readFile(whole);
      for (let length = 0; length <= bytes.length; length++) {
        const path = await file(`cut-${name}`, bytes);
        await truncate(path, length);
        const kept = await readInterruptedSamples(path);
        assert.deepEqual(kept, samples.slice(0, kept.length));
        if (length === bytes.length) assert.equal(kept.length, samples.length);
        const target = await SampleFile.open(path, kept);
        for (const sample of samples.slice(kept.length)) await target.add(sample);
        await target.close();
        assert.deepEqual(await readSamples(path), samples);
      }
    });
  }

  it('does not go on with a file that is something else', async () => {
    await assert.rejects(
      readInterruptedSamples(await file('other.txt', 'some notes\nof mine\n')),
      unreadable,
    );
    await assert.rejects(readInterruptedSamples(await file('other.json', '{"a": 1}\n')), unreadable);
  });
});
