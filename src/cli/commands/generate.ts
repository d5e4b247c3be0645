/** `qwen-coder generate`: an answer of the chat model, as it is written. */
import { text as readAll } from 'node:stream/consumers';
import { addAbortSignal } from 'node:stream';
import { Command } from 'commander';
import { chatPrompt, defaultSystemOf, isChatMl, type ChatMessage } from '../../assist/chatPrompt';
import type { Engine, GenerateRequest, GenerateStats, SamplingOptions } from '../../inference/engine';
import { EngineError } from '../../inference/errors';
import { readGguf } from '../../inference/gguf/readGguf';
import { TOP_K } from '../../inference/graph/limits';
import type { CliContext } from '../cliContext';
import { addEngineOptions, planLoad, type EngineOptions } from '../engineOptions';
import { CliError, EXIT, type ExitCode } from '../exitCodes';
import { failedFile } from '../fileFailure';
import { numberAbove, wholeNumber } from '../optionValues';
import { modelInWords, withEngine } from '../withEngine';

interface GenerateOptions extends EngineOptions {
  readonly system?: string;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed?: number;
  readonly maxTokens: number;
}

const HELP = `
The answer goes to standard output as it is written, with a line end behind it. PROMPT may be - for standard input.
Without --system the model's own default is used; --system "" leaves the system message out.

The model takes the likeliest token each time. --temperature draws instead, from the --top-k likeliest tokens and of
those from the --top-p part of the probability; --seed names the draw. Text that spells a special token such as
<|im_end|> stays text.

Ctrl+C ends the answer; what has been written stays. An answer that --max-tokens or --context cuts off says so on
standard error; the exit code is 0.

Examples:
  qwen-coder generate "Write a C function that reverses a string."
  git diff | qwen-coder generate --system "Write a commit message for this diff." -`;

export function generateCommand(context: CliContext, exit: (code: ExitCode) => void): Command {
  const command = new Command('generate')
    .summary('answer a prompt, as a chat')
    .description("Streams the model's answer to a prompt.")
    .argument('<PROMPT>', 'what to say to the model, or - for standard input')
    .option('--system <text>', "the system message (default: the model's own)")
    .option('--max-tokens <n>', 'longest answer, in tokens', wholeNumber(1, 32_768), 512)
    .option('--temperature <t>', '0 takes the likeliest token each time', temperature, 0)
    .option('--top-k <n>', 'with --temperature: from how many tokens to draw', wholeNumber(1, TOP_K), 20)
    .option('--top-p <p>', 'with --temperature: from which part of the probability', numberAbove(0, 1), 0.8)
    .option('--seed <n>', 'with --temperature: the same draw again', wholeNumber(0, 0xffff_ffff));
  return addEngineOptions(command)
    .addHelpText('after', HELP)
    .action(async (prompt: string, options: GenerateOptions) =>
      exit(await generate(prompt, options, context)),
    );
}

const temperature = (text: string): number =>
  Number(text) === 0 && text.trim() !== '' ? 0 : numberAbove(0, 10)(text);

async function generate(prompt: string, options: GenerateOptions, context: CliContext): Promise<ExitCode> {
  const { terminal } = context;
  const content = prompt === '-' ? await readInput(context) : prompt;
  if (content.trim() === '') throw new CliError(EXIT.usage, 'The prompt is empty.');
  const { modelPath } = await planLoad(options);
  const system = options.system ?? (await defaultSystem(modelPath));
  const messages: ChatMessage[] = [{ role: 'user', content }];
  if (system !== undefined && system !== '') messages.unshift({ role: 'system', content: system });
  return withEngine(options, context, async (engine, model) => {
    terminal.detail(modelInWords(model));
    const sampling = samplingOf(options);
    const request = { prompt: chatPrompt(messages), maxTokens: options.maxTokens };
    await stream(engine, sampling === undefined ? request : { ...request, sampling }, context);
    return EXIT.ok;
  });
}

/** Writes the answer as it comes. */
async function stream(
  engine: Engine,
  request: GenerateRequest,
  { terminal, interrupt }: CliContext,
): Promise<void> {
  let last = '';
  try {
    for await (const event of engine.generate(request, interrupt.signal)) {
      if (event.type === 'text') {
        terminal.result(event.text);
        last = event.text;
      } else if (event.type === 'done') {
        terminal.detail(statsInWords(event.stats));
        if (event.reason === 'max-tokens')
          terminal.note('qwen-coder: the answer was cut off by --max-tokens');
        if (event.reason === 'context-full') terminal.note('qwen-coder: the answer was cut off by --context');
      }
    }
  } finally {
    if (last !== '' && !last.endsWith('\n')) terminal.result('\n');
  }
}

/** @throws EngineError `model-unsupported` where the model was trained on another format, or none */
async function defaultSystem(modelPath: string): Promise<string | undefined> {
  const { metadata } = await readGguf(modelPath);
  const template = metadata.optionalString('tokenizer.chat_template') ?? '';
  if (!isChatMl(template)) {
    throw new EngineError('model-unsupported', 'This model has no chat template in the ChatML format.', {
      path: modelPath,
    });
  }
  return defaultSystemOf(template);
}

function samplingOf({ temperature, topK, topP, seed }: GenerateOptions): SamplingOptions | undefined {
  if (temperature === 0) return undefined;
  return { temperature, topK, topP, ...(seed === undefined ? {} : { seed }) };
}

async function readInput({ terminal, interrupt }: CliContext): Promise<string> {
  const waiting = 'Reading the prompt from standard input.';
  if (process.stdin.isTTY) terminal.note(waiting);
  else terminal.detail(waiting);
  try {
    return await readAll(addAbortSignal(interrupt.signal, process.stdin));
  } catch (error) {
    throw failedFile('read', '-', error);
  }
}

function statsInWords({ promptTokens, prefillMs, generatedTokens, decodeMs }: GenerateStats): string {
  const perSecond = (tokens: number, ms: number): string =>
    `${((1000 * tokens) / Math.max(1, ms)).toFixed(1)} tokens/s`;
  return (
    `prompt ${promptTokens} tokens, ${perSecond(promptTokens, prefillMs)}; ` +
    `answer ${generatedTokens} tokens, ${perSecond(generatedTokens, decodeMs)}`
  );
}
