import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Engine, EngineStatus, GenerateRequest } from '../../../src/inference/engine';
import { EngineError, type EngineErrorCode } from '../../../src/inference/errors';
import { NATIVE_VERSION } from '../../../src/inference/nativeVersion';
import { createWorkerEngine, WorkerEngine } from '../../../src/inference/worker/workerEngine';
import { engineThread, startWorkerThread } from '../../../src/inference/worker/engineThread';
import { collect } from '../../support/collect';
import { openGraph, temporaryFolder, TINY_TIED, TINY_UNTIED } from '../../support/tinyModel';

const workerFile = resolve('dist/worker.js');
const probeFile = resolve('dist/nativeProbe.js');
const request: GenerateRequest = {
  prompt: [{ special: 'fim_prefix' }, { text: 'def total(values):\n    return ' }, { special: 'fim_middle' }],
  maxTokens: 20,
  stopTokens: [],
};
const long: GenerateRequest = { ...request, maxTokens: 400 };
const code = (expected: EngineErrorCode) => (error: unknown) =>
  error instanceof EngineError && error.code === expected;

describe('WorkerEngine', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const engines: Engine[] = [];

  before(async () => void (folder = await temporaryFolder()));
  afterEach(() => Promise.all(engines.splice(0).map((engine) => engine.dispose())));
  after(() => folder.remove());

  const create = (
    options: { modelPath?: string; expectedSha256?: string; workerFile?: string; probeFile?: string } = {},
  ): Engine => {
    const { modelPath = TINY_UNTIED, expectedSha256 } = options;
    const engine = createWorkerEngine({
      workerFile: options.workerFile ?? workerFile,
      probeFile: options.probeFile ?? probeFile,
      load: {
        modelPath,
        cacheDir: join(folder.path, 'converted'),
        contextTokens: 512,
        threads: 1,
        variant: 'exact',
        ...(expectedSha256 === undefined ? {} : { expectedSha256 }),
      },
    });
    engines.push(engine);
    return engine;
  };

  it('answers from its thread what the session answers in this one', async () => {
    const opened = await openGraph(TINY_UNTIED, join(folder.path, 'converted'));
    const expected = await collect(opened.session().generate(request, () => false));
    await opened.graph.release();
    const { text, reason, stats } = await collect(create().generate(request));
    assert.equal(text, expected.text);
    assert.equal(reason, expected.reason);
    assert.equal(stats.generatedTokens, 20);
  });

  it('serves requests one after the other, in order', async () => {
    const engine = create();
    const order: number[] = [];
    await Promise.all([0, 1, 2, 3].map((n) => collect(engine.generate(request)).then(() => order.push(n))));
    assert.deepEqual(order, [0, 1, 2, 3]);
  });

  it('shares one load among concurrent starts', async () => {
    const engine = create();
    const [a, b] = await Promise.all([engine.start(), engine.start()]);
    assert.equal(a, b);
    assert.equal(a.name, (await engine.start()).name);
  });

  it('tells its state from stopped over loading and working to ready', async () => {
    const engine = create({ modelPath: TINY_TIED });
    const states: string[] = [];
    engine.onStatus((status: EngineStatus) => states.push(status.state));
    assert.equal(engine.status.state, 'stopped');
    await collect(engine.generate(request));
    const changes = states.filter((state, index) => state !== states[index - 1]);
    assert.deepEqual(changes, ['loading', 'ready', 'working', 'ready']);
  });

  it('counts tokens', async () => {
    const count = await create().countTokens?.('def total(values):');
    assert.ok(count !== undefined && count > 3 && count <= 18, String(count));
  });

  it('stops at an abort and serves the next request', async () => {
    const engine = create();
    const expected = (await collect(engine.generate(request))).text;
    const controller = new AbortController();
    let pieces = 0;
    await assert.rejects(async () => {
      for await (const event of engine.generate(long, controller.signal)) {
        if (event.type === 'text' && ++pieces === 2) controller.abort();
      }
    }, code('aborted'));
    assert.ok(pieces < 50, `${pieces} pieces came after the abort`);
    assert.equal((await collect(engine.generate(request))).text, expected);
  });

  it('stops when the loop is left early', async () => {
    const engine = create();
    for await (const event of engine.generate(long)) if (event.type === 'text') break;
    const start = performance.now();
    await collect(engine.generate({ ...request, maxTokens: 1 }));
    const all = performance.now();
    await collect(engine.generate(long));
    assert.ok(all - start < performance.now() - all, 'the abandoned generation ran to its end');
  });

  it('refuses a request that cannot be sent, and owes nothing for it', async () => {
    const engine = create();
    const unsendable = { ...request, stopStrings: [(() => '') as unknown as string] };
    await assert.rejects(collect(engine.generate(unsendable)), code('invalid-request'));
    assert.notEqual((await collect(engine.generate(request))).text, '');
    assert.equal(engine.status.state, 'ready');
  });

  it('does not even begin a request that was withdrawn', async () => {
    await assert.rejects(collect(create().generate(request, AbortSignal.abort())), code('aborted'));
  });

  it('survives 500 requests cancelled at random moments', async () => {
    const engine = create();
    const expected = (await collect(engine.generate(request))).text;
    let completed = 0;
    for (let round = 0; round < 500; round++) {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(), (round * 7919) % 12);
      const prompt = [{ text: `round ${round} of many` }, ...request.prompt];
      await collect(engine.generate({ ...request, prompt }, controller.signal)).then(
        () => completed++,
        (error: unknown) => assert.ok(code('aborted')(error), String(error)),
      );
      clearTimeout(timer);
    }
    assert.ok(completed < 500);
    assert.equal((await collect(engine.generate(request))).text, expected);
    assert.equal(engine.status.state, 'ready');
  });

  describe('a model that cannot be loaded', () => {
    const cases: [string, EngineErrorCode, (path: string) => Promise<{ expectedSha256?: string }>][] = [
      ['is missing', 'model-missing', async () => ({})],
      [
        'is truncated',
        'model-corrupt',
        async (path) => {
          await copyFile(TINY_TIED, path);
          await truncate(path, 150_000);
          return {};
        },
      ],
      [
        'has one flipped byte',
        'checksum-mismatch',
        async (path) => {
          const bytes = await readFile(TINY_TIED);
          bytes[bytes.length - 1000] = (bytes[bytes.length - 1000] as number) ^ 1;
          await writeFile(path, bytes);
          return { expectedSha256: 'ab'.repeat(32) };
        },
      ],
      ['is something else', 'model-corrupt', async (path) => writeFile(path, 'not a model').then(() => ({}))],
    ];
    for (const [what, expected, prepare] of cases) {
      it(`${what}: ${expected}, and the engine works once it is there`, async () => {
        const modelPath = join(folder.path, `${expected}-${what.replaceAll(' ', '-')}.gguf`);
        const engine = create({ modelPath, ...(await prepare(modelPath)) });
        await assert.rejects(engine.start(), code(expected));
        assert.equal(engine.status.state === 'failed' && engine.status.error.code, expected);
        await assert.rejects(collect(engine.generate(request)), code(expected));
        if (expected === 'checksum-mismatch') return;
        await copyFile(TINY_TIED, modelPath);
        assert.notEqual((await collect(engine.generate(request))).text, '');
      });
    }
  });

  describe('a thread that dies', () => {
    const dying: Record<string, string> = {
      throws: `throw new Error('broken')`,
      exits: `process.exit(7)`,
      'rejects later': `setTimeout(() => Promise.reject(new Error('late')), 5)`,
    };
    it('out of the memory of its own heap: says so', async () => {
      const greedy = join(folder.path, 'greedy.js');
      await writeFile(
        greedy,
        `const kept = [];
         require('node:worker_threads').parentPort.on('message', () => {
           for (;;) kept.push(new Array(1000).fill(kept.length));
         });`,
      );
      const engine = new WorkerEngine(
        { modelPath: TINY_TIED, cacheDir: join(folder.path, 'converted'), contextTokens: 512, threads: 1 },
        () => Promise.resolve(),
        () => engineThread(new Worker(greedy, { resourceLimits: { maxOldGenerationSizeMb: 16 } })),
      );
      engines.push(engine);
      await assert.rejects(engine.start(), code('out-of-memory'));
    });

    for (const [how, body] of Object.entries(dying)) {
      it(`${how}: pending calls fail and the next request starts a new one`, async () => {
        const broken = join(folder.path, `broken-${how.replaceAll(' ', '-')}.js`);
        await writeFile(
          broken,
          `require('node:worker_threads').parentPort.on('message', () => { ${body} });`,
        );
        let threads = 0;
        const engine = new WorkerEngine(
          { modelPath: TINY_TIED, cacheDir: join(folder.path, 'converted'), contextTokens: 512, threads: 1 },
          () => Promise.resolve(),
          () => startWorkerThread(++threads === 1 ? broken : workerFile),
        );
        engines.push(engine);
        const [first, second] = await Promise.allSettled([engine.start(), collect(engine.generate(request))]);
        for (const call of [first, second]) {
          assert.ok(call.status === 'rejected' && code('worker-died')(call.reason));
        }
        assert.equal(engine.status.state, 'failed');
        assert.notEqual((await collect(engine.generate(request))).text, '');
        assert.equal(threads, 2);
      });
    }
  });

  describe('dispose', () => {
    it('rejects what is pending and what comes later', async () => {
      const engine = create();
      await engine.start();
      const pending = Promise.allSettled([collect(engine.generate(long)), collect(engine.generate(long))]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await engine.dispose();
      for (const call of await pending) {
        assert.ok(call.status === 'rejected' && code('shutting-down')(call.reason));
      }
      await assert.rejects(engine.start(), code('shutting-down'));
      assert.equal(engine.status.state, 'stopped');
    });

    it('works before anything has started and while it loads', async () => {
      await create().dispose();
      const engine = create({ modelPath: TINY_TIED });
      const loading = engine.start();
      loading.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 150));
      await engine.dispose();
      await loading.catch((error: unknown) => assert.ok(code('shutting-down')(error)));
    });

    it('in the middle of a native run leaves the process alive to exit with 0', async () => {
      // Ending a thread inside a native run would abort this process with 134.
      const script = join(folder.path, 'closing.cjs');
      await writeFile(script, closingScript(join(folder.path, 'converted')));
      for (const delay of [0, 3, 10, 30]) {
        const { stdout } = await promisify(execFile)(process.execPath, [script, String(delay)]);
        assert.equal(stdout.trim(), 'closed');
      }
    });
  });

  describe('the native probe', () => {
    const probing = async (body: string): Promise<unknown> => {
      const file = join(folder.path, `probe-${Math.random()}.js`);
      await writeFile(file, body);
      const engine = createWorkerEngine({
        workerFile,
        probeFile: file,
        load: {
          modelPath: TINY_TIED,
          cacheDir: join(folder.path, 'unprobed'),
          contextTokens: 64,
          threads: 1,
        },
      });
      engines.push(engine);
      return engine.start().catch((error: unknown) => error);
    };

    it('turns a crash of the native library into an error with its reason', async () => {
      const failed = await probing(`console.error('GLIBC_2.99 not found'); process.exit(1)`);
      assert.ok(code('native-unavailable')(failed));
      assert.match((failed as Error).message, /GLIBC_2\.99 not found/);
      const killed = await probing(`process.kill(process.pid, 'SIGILL')`);
      assert.ok(code('native-unavailable')(killed));
      assert.match((killed as Error).message, /SIGILL/);
    });

    it('is remembered once it has succeeded', async () => {
      const cacheDir = join(folder.path, 'converted');
      await create().start();
      assert.match(await readFile(join(cacheDir, 'native-probe.json'), 'utf8'), /^1\.\d+\.\d+ \| v\d+/);
      await create({ probeFile: join(folder.path, 'no-such-probe.js') }).start();
    });

    it('names the version that package.json pins', async () => {
      const manifest = JSON.parse(await readFile('package.json', 'utf8')) as {
        dependencies: Record<string, string>;
      };
      assert.equal(manifest.dependencies['onnxruntime-node'], NATIVE_VERSION);
    });
  });
});

/** A program that generates through the real worker and disposes of the engine after `argv[2]` milliseconds. */
function closingScript(cacheDir: string): string {
  const load = { modelPath: TINY_UNTIED, cacheDir, contextTokens: 512, threads: 1 };
  return `
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(${JSON.stringify(workerFile)});
    const abort = new SharedArrayBuffer(8);
    worker.postMessage({ type: 'load', id: 1, options: ${JSON.stringify(load)}, abort });
    worker.on('message', (message) => {
      if (message.type === 'loaded') {
        const request = ${JSON.stringify(long)};
        worker.postMessage({ type: 'generate', id: 2, request, abort });
        setTimeout(() => worker.postMessage({ type: 'close', id: 3 }), Number(process.argv[2]));
      }
    });
    worker.on('exit', (code) => { if (code === 0) console.log('closed'); });
  `;
}
