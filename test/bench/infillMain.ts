/**
 * Answers the single-line tasks of HumanEval-Infilling with llama.cpp's server: the bare prompt as token ids, the
 * likeliest token each time, until a special token, 128 tokens or the end of the first line. Our own engine does the
 * same by `qwen-coder infill --raw --first-line`. Started by `scripts/infill-llama.mjs`.
 */
import { startLlamaServer, streamCompletion, type LlamaServer } from '../../scripts/lib/llamaServer.mjs';
import { FIM_STOP_TOKENS, fimPrompt } from '../../src/completion/fimPrompt';
import { readGguf } from '../../src/inference/gguf/readGguf';
import { tokenizerFromGguf } from '../../src/inference/tokenizer/fromGguf';
import type { Tokenizer } from '../../src/inference/tokenizer/tokenizer';
import { endsLine, firstLineOf } from './firstLine';
import { addSample, continueSamples, readTasks, type InfillTask } from './infillSamples';

interface InfillArguments {
  readonly tasksFile: string;
  readonly samplesFile: string;
  readonly every: number;
  readonly modelPath: string;
  readonly serverProgram: string;
  readonly threads: number;
}

const MAX_TOKENS = 128;
/** Room for the longest task and its answer. */
const CONTEXT_TOKENS = 2048;
/** No prompt is cut and nothing of an earlier one is used, so that no sample depends on the tasks before it. */
const GREEDY = {
  ...{ samplers: ['top_k'], top_k: 1, temperature: 0 },
  ...{ cache_prompt: false, return_tokens: true, n_predict: MAX_TOKENS },
};

async function main(): Promise<void> {
  const args = JSON.parse(process.argv[2] ?? '{}') as InfillArguments;
  const tasks = await readTasks(args.tasksFile, args.every);
  const done = await continueSamples(args.samplesFile);
  const open = tasks.filter(({ task_id }) => !done.has(task_id));
  console.error(`${tasks.length - open.length} of ${tasks.length} tasks are in ${args.samplesFile} already.`);
  if (open.length === 0) return;
  const { modelPath, threads, serverProgram: program } = args;
  const tokenizer = tokenizerFromGguf((await readGguf(modelPath)).metadata);
  const server = await startLlamaServer({ program, modelPath, threads, contextTokens: CONTEXT_TOKENS });
  try {
    await fillAll(server, tokenizer, open, args.samplesFile);
  } finally {
    await server.stop();
  }
}

async function fillAll(
  server: LlamaServer,
  tokenizer: Tokenizer,
  tasks: readonly InfillTask[],
  samplesFile: string,
): Promise<void> {
  const stops = new Set(FIM_STOP_TOKENS.map((token) => tokenizer.specialId(token)));
  const start = performance.now();
  for (const [index, task] of tasks.entries()) {
    const ids = tokenizer.encodePrompt(fimPrompt(task.prompt, task.suffix));
    if (ids.length + MAX_TOKENS > CONTEXT_TOKENS)
      throw new RangeError(`${task.task_id} has ${ids.length} tokens, which are too many`);
    await addSample(samplesFile, task.task_id, await firstLine(server, ids, stops));
    const each = (performance.now() - start) / 1000 / (index + 1);
    const minutes = (each * (tasks.length - index - 1)) / 60;
    console.error(
      `${index + 1} of ${tasks.length}: ${task.task_id}, ${each.toFixed(2)} s each, ${minutes.toFixed(0)} min left`,
    );
  }
}

async function firstLine(
  { address }: LlamaServer,
  ids: readonly number[],
  stops: ReadonlySet<number | undefined>,
): Promise<string> {
  let text = '';
  for await (const event of streamCompletion(`${address}/completion`, { ...GREEDY, prompt: ids })) {
    // The server ends at tokens that end a text, but writes on behind those of a prompt.
    if (event.tokens?.some((token) => stops.has(token)) === true) break;
    text += event.content;
    if (endsLine(text)) break;
  }
  return firstLineOf(text);
}

// Signals end a process without its exit handlers, which end the server.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
void main();
