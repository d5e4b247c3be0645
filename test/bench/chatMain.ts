/**
 * Chat beside `llama-server` with the same weights, and what a suggestion costs while an answer is written. Started by
 * `scripts/bench-chat.mjs`, which passes ChatBenchArguments as JSON; prints the tables and writes them into the
 * document.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chatPrompt, type ChatMessage } from '../../src/assist/chatPrompt';
import { fimPrompt } from '../../src/completion/fimPrompt';
import type { Engine, GenerateRequest, PromptPart } from '../../src/inference/engine';
import { readGguf } from '../../src/inference/gguf/readGguf';
import { tokenizerFromGguf } from '../../src/inference/tokenizer/fromGguf';
import type { Tokenizer } from '../../src/inference/tokenizer/tokenizer';
import { createWorkerEngine } from '../../src/inference/worker/workerEngine';
import { loadAverages } from './machine';
import { head, row, spread } from './markdown';
import { NativeLlamaEngine } from './nativeLlamaEngine';
import { replaceSection } from './replaceSection';
import { sampleOfTokens } from './sampleCode';
import { pairRatios } from './statistics';
import { recordConversations } from './workload/recordConversations';

interface ChatBenchArguments {
  readonly model: string;
  readonly modelPath: string;
  /** Path of the native `llama-server`; without it only ours is measured. */
  readonly server?: string;
  readonly rounds: number;
  readonly jsonFile?: string;
  /** Lengths of conversations go there, and nothing is measured. */
  readonly requestsFile?: string;
  readonly document?: string;
}

const CONTEXT = 2000;
const SUGGESTIONS = 20;
/** Of a suggestion's prompt; the next keystroke finds them in the cache. */
const PREFIX_TOKENS = 600;

type Ask = (prompt: readonly PromptPart[]) => Promise<number>;

async function main(args: ChatBenchArguments): Promise<void> {
  const { model, modelPath, server, rounds } = args;
  const cacheDir = mkdtempSync(join(tmpdir(), 'qwen-coder-bench-'));
  const threads = Math.min(2, cpus().length);
  const tokenizer = tokenizerFromGguf((await readGguf(modelPath)).metadata);
  const text = (seed: number, tokens: number): string => sampleOfTokens(tokenizer, seed, tokens);
  const engine = createWorkerEngine({
    workerFile: resolve('dist/worker.js'),
    probeFile: resolve('dist/nativeProbe.js'),
    load: { modelPath, cacheDir, contextTokens: 8192, threads },
  });
  const native =
    server === undefined
      ? undefined
      : new NativeLlamaEngine({ modelPath, threads, cacheDir, variant: 'fast', serverProgram: server });
  const before = loadAverages();
  try {
    const { variant } = await engine.start();
    if (args.requestsFile !== undefined) {
      await writeConversations(args.requestsFile, engine, tokenizer);
      return;
    }
    await native?.load();
    const ours: Ask = (prompt) =>
      firstTextMs(engine, { prompt, maxTokens: 1, priority: 'background', stopTokens: [] });
    const theirs: Ask | undefined =
      native && (async (prompt) => (await native.generate(prompt, 1)).firstTokenMs);
    const cold = { ours: [] as number[], theirs: [] as number[] };
    const warm = { ours: [] as number[], theirs: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      const first: ChatMessage[] = [
        { role: 'user', content: `${text(round, CONTEXT)}\n\nExplain this code.` },
      ];
      const further: ChatMessage[] = [
        ...first,
        { role: 'assistant', content: 'It defines functions.' },
        { role: 'user', content: 'What does the first one return?' },
      ];
      for (const [times, ask] of [
        ['ours', ours],
        ['theirs', theirs],
      ] as const) {
        if (ask === undefined) continue;
        cold[times].push(await ask(chatPrompt(first)));
        warm[times].push(await ask(chatPrompt(further)));
      }
    }
    await native?.release();
    const typing = await suggestions(
      engine,
      text(10, PREFIX_TOKENS),
      chatPrompt([{ role: 'user', content: `${text(11, 500)}\n\nWrite a long story about this code.` }]),
    );
    const lines = [
      `Run of ${new Date().toISOString().slice(0, 10)} by \`npm run bench:chat\`${model === '0.5b' ? '' : ` \`-- --model ${model}\``}, ours in *${variant}*, ${threads} threads. Load averages: ${before} before, ${loadAverages()} after. ${cpus()[0]?.model ?? 'unknown processor'}.`,
      '',
      head(['first token of an answer', 'ours', 'llama-server', 'ours ÷ llama-server']),
      line(`cold, ${CONTEXT} tokens of context`, cold),
      line('warm, a further question', warm),
      '',
      head(['first text of a suggestion, one more character typed', 'ms', '÷ idle']),
      row(['engine idle', spread(typing.idle, 0), '']),
      row([
        'while chat writes',
        spread(typing.writing, 0),
        spread(pairRatios(typing.writing, typing.idle), 2),
      ]),
      row([
        'while chat reads its prompt',
        spread(typing.reading, 0),
        spread(pairRatios(typing.reading, typing.idle), 2),
      ]),
    ];
    const section = lines.join('\n');
    console.log(section);
    if (args.jsonFile !== undefined)
      writeFileSync(args.jsonFile, JSON.stringify({ cold, warm, typing }, null, 2));
    if (args.document !== undefined) {
      writeFileSync(
        args.document,
        replaceSection(readFileSync(args.document, 'utf8'), `chat ${model}`, section),
      );
    }
  } finally {
    await native?.release();
    await engine.dispose();
    rmSync(cacheDir, { recursive: true, force: true });
  }
}

async function writeConversations(file: string, engine: Engine, tokenizer: Tokenizer): Promise<void> {
  const conversations = await recordConversations(engine, tokenizer, process.cwd(), ({ name, turns }) => {
    console.log(`${name}: ${turns.map(({ fresh, generated }) => `${fresh} + ${generated}`).join(', ')}`);
  });
  writeFileSync(file, `${JSON.stringify({ conversations })}\n`);
}

function line(what: string, { ours, theirs }: { ours: number[]; theirs: number[] }): string {
  const known = theirs.length > 0;
  return row([
    what,
    `${spread(ours, 0)} ms`,
    known ? `${spread(theirs, 0)} ms` : 'not there',
    known ? spread(pairRatios(ours, theirs), 2) : '',
  ]);
}

/** Each keystroke takes its turn in the three situations. */
async function suggestions(
  engine: Engine,
  prefix: string,
  chat: PromptPart[],
): Promise<{ idle: number[]; writing: number[]; reading: number[] }> {
  const times = { idle: [] as number[], writing: [] as number[], reading: [] as number[] };
  let typed = prefix;
  const suggest = (): Promise<number> => {
    typed += 'x';
    const prompt = fimPrompt(typed, '\n\n\ndef main():\n    run()\n');
    return firstTextMs(engine, { prompt, maxTokens: 1, stopTokens: [] });
  };
  await suggest();
  for (let round = 0; round < SUGGESTIONS; round++) {
    times.idle.push(await suggest());
    for (const when of ['reading', 'writing'] as const) {
      const controller = new AbortController();
      // Another text each time, so that there is something to read.
      const prompt: PromptPart[] = [{ text: `${round} ${when}\n` }, ...chat];
      let onText: () => void = () => undefined;
      const began = new Promise<void>((resolve) => (onText = resolve));
      const running = (async () => {
        const events = engine.generate(
          { prompt, maxTokens: 400, priority: 'background', stopTokens: [] },
          controller.signal,
        );
        for await (const event of events) if (event.type === 'text') onText();
      })().catch(() => undefined);
      if (when === 'writing') await began;
      else await new Promise((done) => setTimeout(done, 30 + round));
      times[when].push(await suggest());
      controller.abort();
      await running;
    }
  }
  return times;
}

async function firstTextMs(engine: Engine, request: GenerateRequest): Promise<number> {
  const start = performance.now();
  let first: number | undefined;
  for await (const event of engine.generate(request))
    if (event.type === 'prefilled') first ??= performance.now() - start;
  return first ?? NaN;
}

void main(JSON.parse(process.argv[2] ?? '{}') as ChatBenchArguments);
