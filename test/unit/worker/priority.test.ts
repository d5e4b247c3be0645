import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Engine, GenerateEvent, GenerateRequest } from '../../../src/inference/engine';
import { EngineError } from '../../../src/inference/errors';
import { seededRandom } from '../../../src/inference/random';
import { createWorkerEngine } from '../../../src/inference/worker/workerEngine';
import { collect } from '../../support/collect';
import { temporaryFolder, TINY_UNTIED } from '../../support/tinyModel';

const completion = (text: string, maxTokens = 12): GenerateRequest => ({
  prompt: [{ text: `def total(values):\n    return sum(values)\n${text}` }],
  maxTokens,
  stopTokens: [],
});
const chat = (text: string, maxTokens = 200): GenerateRequest => ({
  prompt: [{ text: `A conversation about code that is of some length. ${text}` }],
  maxTokens,
  stopTokens: [],
  priority: 'background',
});

describe('an engine with a chat and completions', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let engine: Engine;

  const create = (): Engine =>
    createWorkerEngine({
      workerFile: resolve('dist/worker.js'),
      probeFile: resolve('dist/nativeProbe.js'),
      load: {
        modelPath: TINY_UNTIED,
        cacheDir: join(folder.path, 'converted'),
        contextTokens: 512,
        threads: 1,
      },
    });

  before(async () => void (folder = await temporaryFolder()));
  beforeEach(() => void (engine = create()));
  afterEach(() => engine.dispose());
  after(() => folder.remove());

  it('serves a completion in the middle of a chat, which then goes on', async () => {
    const expectedChat = (await collect(engine.generate(chat('')))).text;
    const expected = (await collect(engine.generate(completion('')))).text;

    let pieces = 0;
    let piecesAt: { asked: number; answered: number } | undefined;
    let answer: Promise<void> | undefined;
    const events: GenerateEvent[] = [];
    for await (const event of engine.generate(chat(''))) {
      events.push(event);
      if (event.type !== 'text' || ++pieces !== 5) continue;
      const asked = pieces;
      answer = collect(engine.generate(completion(''))).then(({ text }) => {
        assert.equal(text, expected);
        piecesAt = { asked, answered: pieces };
      });
    }
    await answer;
    assert.ok(piecesAt !== undefined && piecesAt.answered < pieces, JSON.stringify({ piecesAt, pieces }));
    const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('');
    assert.equal(text, expectedChat);
  });

  it('gives up what nobody has asked for as soon as anybody asks for something', async () => {
    for (const asked of [chat('', 8), completion('x'), 'a text to count'] as const) {
      let pieces = 0;
      let answered: Promise<unknown> | undefined;
      await assert.rejects(
        async () => {
          for await (const event of engine.generate({ ...completion('', 400), speculative: true })) {
            if (event.type !== 'text' || ++pieces !== 3) continue;
            answered =
              typeof asked === 'string' ? engine.countTokens?.(asked) : collect(engine.generate(asked));
          }
        },
        (error) => error instanceof EngineError && error.code === 'aborted',
      );
      assert.ok(pieces < 100, `${pieces} pieces`);
      await answered;
    }
  });

  it('begins nothing that nobody has asked for while a chat is under way, and keeps what it has evaluated', async () => {
    const early = { ...completion('', 0), speculative: true };
    let pieces = 0;
    let refused: Promise<void> | undefined;
    for await (const event of engine.generate(chat(''))) {
      if (event.type !== 'text' || ++pieces !== 5) continue;
      refused = assert.rejects(collect(engine.generate(early)), /withdrawn/);
    }
    await refused;
    await collect(engine.generate(early));
    const { stats } = await collect(engine.generate(completion('')));
    assert.equal(stats.cachedTokens, stats.promptTokens);
  });

  it('keeps the prefix of each', async () => {
    await collect(engine.generate(chat('First', 8)));
    await collect(engine.generate(completion('x')));
    const again = await collect(engine.generate(chat('First', 8)));
    assert.equal(again.stats.cachedTokens, again.stats.promptTokens);
    const completed = await collect(engine.generate(completion('x')));
    assert.equal(completed.stats.cachedTokens, completed.stats.promptTokens);
  });

  it('answers both as it would answer each alone, however they fall together', async () => {
    const random = seededRandom(11);
    const names = ['a', 'bb', 'ccc', 'dddd'];
    const expected = new Map<string, string>();
    for (const name of names) {
      expected.set(`chat ${name}`, (await collect(engine.generate(chat(name, 40)))).text);
      expected.set(`code ${name}`, (await collect(engine.generate(completion(name)))).text);
    }
    const pick = (): string => names[Math.floor(random() * names.length)] as string;
    const chats = async (): Promise<void> => {
      for (let round = 0; round < 15; round++) {
        const name = pick();
        assert.equal((await collect(engine.generate(chat(name, 40)))).text, expected.get(`chat ${name}`));
      }
    };
    const completions = async (): Promise<void> => {
      for (let round = 0; round < 30; round++) {
        await setTimeout(random() * 20);
        const name = pick();
        assert.equal((await collect(engine.generate(completion(name)))).text, expected.get(`code ${name}`));
      }
    };
    await Promise.all([chats(), completions()]);
  });

  it('has the chat wait while it is held, for another engine, and go on afterwards', async () => {
    const release = engine.hold?.();
    const events: GenerateEvent[] = [];
    const done = (async () => {
      for await (const event of engine.generate(chat('', 20))) events.push(event);
    })();
    assert.notEqual((await collect(engine.generate(completion('')))).text, '', 'a completion is not held');
    await setTimeout(100);
    assert.equal(events.length, 0);
    release?.();
    release?.();
    await done;
    assert.equal(events.at(-1)?.type, 'done');
  });

  it('ends a held chat at once when it is withdrawn, and in good order when the engine is closed', async () => {
    engine.hold?.();
    const controller = new AbortController();
    const withdrawn = collect(engine.generate(chat(''), controller.signal));
    const closed = collect(engine.generate(chat('other')));
    const check = Promise.all([
      assert.rejects(withdrawn, (error) => error instanceof EngineError && error.code === 'aborted'),
      assert.rejects(closed, (error) => error instanceof EngineError && error.code === 'shutting-down'),
    ]);
    await setTimeout(50);
    controller.abort();
    await setTimeout(50);
    await engine.dispose();
    await check;
  });
});
