import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { offsetAt, parsePlace } from '../../../src/cli/documentPlace';
import { CliError, EXIT, EXIT_CODES_HELP, exitCodeOf } from '../../../src/cli/exitCodes';
import { Interrupt } from '../../../src/cli/interrupt';
import { languageOfFile } from '../../../src/cli/languageOfFile';
import { catalogueModel, chooseModel, requireWeights } from '../../../src/cli/modelChoice';
import { Terminal } from '../../../src/cli/terminal';
import { ENGINE_ERROR_CODES, EngineError } from '../../../src/inference/errors';
import { CATALOGUE, DEFAULT_MODEL, modelFile } from '../../../src/inference/store/catalogue';
import { temporaryFolder } from '../../support/tinyModel';

const usage = (error: unknown) => error instanceof CliError && error.exitCode === EXIT.usage;

describe('a place in a document', () => {
  it('is read from the right, so that a file may have colons', () => {
    assert.deepEqual(parsePlace('a.py:3:14'), { file: 'a.py', line: 3, column: 14 });
    assert.deepEqual(parsePlace('C:\\x\\a.py:1:2'), { file: 'C:\\x\\a.py', line: 1, column: 2 });
    assert.deepEqual(parsePlace('a:1:2:3:4'), { file: 'a:1:2', line: 3, column: 4 });
  });

  for (const text of [
    'a.py',
    'a.py:3',
    'a.py:0:1',
    'a.py:1:0',
    'a.py:1:-1',
    ':1:1',
    'a.py:1:1:',
    'a.py:one:1',
  ]) {
    it(`is not ${text}`, () => {
      assert.throws(() => parsePlace(text), usage);
    });
  }

  const text = 'ab\ncd\r\n\rx😀y';
  const offsets: [line: number, column: number, offset: number][] = [
    [1, 1, 0],
    [1, 3, 2],
    [2, 1, 3],
    [2, 3, 5],
    [3, 1, 7],
    [4, 1, 8],
    [4, 5, 12],
  ];
  for (const [line, column, offset] of offsets) {
    it(`${line}:${column} has the offset ${offset}, whatever ends the lines`, () => {
      assert.equal(offsetAt(text, { line, column }), offset);
    });
  }

  it('must be in the text', () => {
    assert.throws(() => offsetAt(text, { line: 5, column: 1 }), usage);
    assert.throws(() => offsetAt(text, { line: 1, column: 4 }), usage);
    assert.throws(() => offsetAt(text, { line: 2, column: 4 }), usage);
    assert.equal(offsetAt('', { line: 1, column: 1 }), 0);
    assert.equal(offsetAt('a\n', { line: 2, column: 1 }), 2);
    assert.throws(() => offsetAt('a\n', { line: 3, column: 1 }), usage);
  });
});

describe('languageOfFile', () => {
  const names: [path: string, id: string][] = [
    ['src/a.py', 'python'],
    ['A.TSX', 'typescriptreact'],
    ['x/Dockerfile', 'dockerfile'],
    ['CMakeLists.txt', 'cmake'],
    ['notes.txt', 'plaintext'],
    ['constructor', 'plaintext'],
    ['a.constructor', 'plaintext'],
    ['.py', 'plaintext'],
  ];
  for (const [path, id] of names) {
    it(`calls ${path} ${id}`, () => assert.equal(languageOfFile(path), id));
  }
});

describe('the choice of a model', () => {
  it('is the one that the editor uses without a name', () => {
    assert.deepEqual(chooseModel(undefined), { kind: 'catalogue', model: DEFAULT_MODEL });
  });

  it('takes ids and short names, and nothing else', () => {
    for (const model of CATALOGUE) {
      for (const name of [model.id, ...model.aliases, model.id.toUpperCase()]) {
        assert.equal(catalogueModel(name), model);
      }
    }
    for (const name of ['', 'qwen', '5b', 'constructor'])
      assert.throws(() => catalogueModel(name), usage, name);
  });

  it('takes paths as files', () => {
    for (const path of ['./model', 'a/b', 'model.GGUF', 'C:\\m']) {
      assert.deepEqual(chooseModel(path), { kind: 'file', path: resolve(path) });
    }
  });

  it('says how to get a model that is not there, and wants a file', async () => {
    const folder = await temporaryFolder();
    try {
      const missing = (error: unknown): boolean =>
        error instanceof EngineError && error.code === 'model-missing';
      const wanted = { kind: 'catalogue', model: DEFAULT_MODEL } as const;
      await assert.rejects(requireWeights(wanted, folder.path), (error: unknown) => {
        return (
          missing(error) &&
          (error as Error).message.includes(`qwen-coder models fetch ${DEFAULT_MODEL.aliases[0]}`)
        );
      });
      await assert.rejects(requireWeights({ kind: 'file', path: folder.path }, folder.path), missing);
      await writeFile(modelFile(folder.path, DEFAULT_MODEL), '');
      assert.equal(await requireWeights(wanted, folder.path), modelFile(folder.path, DEFAULT_MODEL));
      await mkdir(join(folder.path, 'a.gguf'));
      await assert.rejects(requireWeights(chooseModel(join(folder.path, 'a.gguf')), folder.path), missing);
    } finally {
      await folder.remove();
    }
  });
});

describe('exit codes', () => {
  it('never say "done" or "nothing" for an error', () => {
    const seen = new Set(ENGINE_ERROR_CODES.map((code) => exitCodeOf(code)));
    assert.ok(!seen.has(EXIT.ok) && !seen.has(EXIT.nothing));
    assert.ok(seen.size >= 6);
  });
});

describe('the help and docs/CLI.md', () => {
  for (const [name, code] of Object.entries(EXIT)) {
    it(`say what the exit code ${code} means (${name})`, () => {
      const section = readFileSync('docs/CLI.md', 'utf8').split('## Exit codes')[1] ?? '';
      for (const text of [EXIT_CODES_HELP, section]) assert.match(text, new RegExp(`\\b${code}\\b`));
    });
  }
});

describe('Interrupt', () => {
  it('keeps the first reason, and lets go of the signals afterwards', () => {
    const before = process.listenerCount('SIGTERM');
    const interrupt = new Interrupt();
    const stop = interrupt.listen();
    try {
      assert.equal(interrupt.exitCode, undefined);
      process.emit('SIGTERM');
      process.emit('SIGINT');
      assert.equal(interrupt.exitCode, 143);
      assert.ok(interrupt.signal.aborted);
    } finally {
      stop();
    }
    assert.equal(process.listenerCount('SIGTERM'), before);
  });
});

describe('Terminal', () => {
  class Stream {
    text = '';
    constructor(readonly isTTY: boolean) {}
    columns = 20;
    write(text: string): void {
      this.text += text;
    }
  }
  const setUp = (isTTY: boolean) => {
    const out = new Stream(isTTY);
    const err = new Stream(isTTY);
    const clock = { now: 0 };
    return { out, err, clock, terminal: new Terminal(out, err, () => clock.now) };
  };

  it('writes a status over the last one on a terminal, and takes it away before anything else', () => {
    const { out, err, clock, terminal } = setUp(true);
    terminal.status('one of many things to do');
    clock.now = 50;
    terminal.status('too soon');
    clock.now = 100;
    terminal.status('two');
    terminal.result('text');
    terminal.note('note');
    assert.equal(err.text, '\r\u001b[Kone of many things \r\u001b[Ktwo\r\u001b[Knote\n');
    assert.equal(out.text, 'text');
  });

  it('does not trust a terminal that says it has no columns', () => {
    const { err, terminal } = setUp(true);
    err.columns = 0;
    terminal.status('a status');
    assert.equal(err.text, '\r\u001b[Ka status');
  });

  it('writes a status now and then elsewhere, and every one when asked to say more', () => {
    const { err, clock, terminal } = setUp(false);
    for (const [now, text] of [
      [9_999, 'early'],
      [10_000, 'first'],
      [15_000, 'between'],
      [20_000, 'second'],
    ] as const) {
      clock.now = now;
      terminal.status(text);
    }
    terminal.detail('unseen');
    terminal.verbose = true;
    terminal.status('now');
    terminal.detail('seen');
    assert.equal(err.text, 'first\nsecond\nnow\nseen\n');
  });
});
