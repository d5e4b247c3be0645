/** `qwen-coder complete`: what the editor would show at a place. */
import { readFile } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { systemClock } from '../../completion/clock';
import { Completer, DEFAULT_COMPLETER_OPTIONS } from '../../completion/completer';
import type { NoSuggestion } from '../../completion/outcome';
import { bundledSyntax } from '../bundledSyntax';
import type { CliContext } from '../cliContext';
import { offsetAt, parsePlace } from '../documentPlace';
import { addEngineOptions, type EngineOptions } from '../engineOptions';
import { EXIT, type ExitCode } from '../exitCodes';
import { failedFile } from '../fileFailure';
import { languageOfFile } from '../languageOfFile';
import { wholeNumber } from '../optionValues';
import { withEngine } from '../withEngine';

interface CompleteOptions extends EngineOptions {
  readonly language?: string;
  readonly maxTokens: number;
  readonly stdin?: boolean;
}

const HELP = `
LINE and COLUMN count from 1, as in compilers' messages and in "code --goto": column 1 is in front of the line's
first character, and columns are UTF-16 units. With --stdin the text comes from standard input, for a document that
has not been saved; FILE then only tells the language.

The suggestion goes to standard output, with a line end behind it. It is what Alt+\\ shows in the editor with the
default settings: the same window of text, the same prompt, the same rules for where it ends. Settings of the editor
are not read, and no language is switched off here. The file is not changed.

Where the model has nothing to add, standard output stays empty, standard error says why, and the exit code is 1.

Examples:
  qwen-coder complete src/area.py:12:5
  git show HEAD:src/area.py | qwen-coder complete --stdin src/area.py:12:5`;

export function completeCommand(context: CliContext, exit: (code: ExitCode) => void): Command {
  const command = new Command('complete')
    .summary('print what the editor would show at a place')
    .description('Prints the suggestion that the editor would show at a place in a file.')
    .argument('<FILE:LINE:COLUMN>', 'the place, from 1')
    .option('--stdin', 'read the text from standard input')
    .option('--language <id>', "the editor's language identifier (default: by the file's name)")
    .option(
      '--max-tokens <n>',
      'longest suggestion, in tokens',
      wholeNumber(1, 4096),
      DEFAULT_COMPLETER_OPTIONS.maxNewTokens,
    );
  return addEngineOptions(command)
    .addHelpText('after', HELP)
    .action(async (place: string, options: CompleteOptions) => exit(await complete(place, options, context)));
}

async function complete(text: string, options: CompleteOptions, context: CliContext): Promise<ExitCode> {
  const { terminal, interrupt } = context;
  const place = parsePlace(text);
  const document = await readDocument(options.stdin === true ? '-' : place.file, interrupt.signal);
  const snapshot = {
    uri: pathToFileURL(resolve(place.file)).href,
    languageId: options.language ?? languageOfFile(place.file),
    version: 1,
    text: document,
    offset: offsetAt(document, place),
  };
  return withEngine(options, context, async (engine) => {
    const completerOptions = { ...DEFAULT_COMPLETER_OPTIONS, ahead: false, maxNewTokens: options.maxTokens };
    const syntax = bundledSyntax(context.distDir);
    const completer = new Completer(engine, completerOptions, systemClock(), undefined, undefined, syntax);
    // Asked by hand: patient, so that the text does not end earlier where the machine is busy.
    const outcome = await completer.complete(snapshot, 'explicit', interrupt.signal);
    if (outcome.kind === 'suggestion') {
      terminal.detail(
        `${outcome.tokens} tokens in ${Math.round(outcome.ms)} ms, ended by ${outcome.endedBy}`,
      );
      terminal.result(`${outcome.text}\n`);
      return EXIT.ok;
    }
    if (outcome.reason === 'engine-failed') throw outcome.error;
    if (!interrupt.signal.aborted) {
      terminal.note(`qwen-coder: no suggestion: ${reasonInWords(outcome.reason)}`);
    }
    return outcome.reason === 'invalid-offset' ? EXIT.usage : EXIT.nothing;
  });
}

/**
 * The text of a file, or of standard input where it is `-`, without a byte-order mark. What is not UTF-8 becomes
 * U+FFFD, as in the editor.
 */
async function readDocument(file: string, signal: AbortSignal): Promise<string> {
  try {
    const bytes = file === '-' ? await buffer(addAbortSignal(signal, process.stdin)) : await readFile(file);
    return new TextDecoder().decode(bytes);
  } catch (error) {
    throw failedFile('read', file, error);
  }
}

function reasonInWords(reason: Exclude<NoSuggestion['reason'], 'engine-failed'>): string {
  switch (reason) {
    case 'empty':
      return 'the model has nothing to add here';
    case 'breaks-syntax':
      return 'what the model wrote does not fit the syntax of the file';
    case 'unsure':
      return 'the model is not sure enough';
    case 'only-repeats':
      return 'the model only repeats what is already there';
    case 'document-too-large':
      return 'the document is too long';
    case 'invalid-offset':
      return 'the place is inside a character';
    case 'engine-not-ready':
      return 'the model is not loaded';
    case 'superseded':
    case 'cancelled':
    case 'disposed':
      return 'the request was withdrawn';
  }
}
