/** The whole command line: reads it, runs the command, and turns what happened into an exit code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { EngineError } from '../inference/errors';
import type { CliContext } from './cliContext';
import { completeCommand } from './commands/complete';
import { generateCommand } from './commands/generate';
import { infillCommand } from './commands/infill';
import { modelsCommand } from './commands/models';
import { scoreCommand } from './commands/score';
import { CliError, EXIT, EXIT_CODES_HELP, exitCodeOf, type ExitCode } from './exitCodes';
import { Interrupt } from './interrupt';
import { Terminal } from './terminal';

/**
 * Runs one command line of this process, and returns when everything that it used has been freed.
 * @param distDir folder of the bundles
 */
export async function runCli(words: readonly string[], distDir: string): Promise<ExitCode> {
  const terminal = new Terminal(process.stdout, process.stderr);
  const interrupt = new Interrupt();
  // To the very end: a second Ctrl+C changes nothing.
  interrupt.listen();
  let code: ExitCode = EXIT.ok;
  try {
    const program = createProgram({ terminal, interrupt, distDir }, (found) => (code = found));
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (interrupt.exitCode === undefined) code = failed(error, terminal);
  } finally {
    terminal.clearStatus();
  }
  return interrupt.exitCode ?? code;
}

function createProgram(context: CliContext, exit: (code: ExitCode) => void): Command {
  const { terminal } = context;
  const program = new Command('qwen-coder')
    .description(
      'Qwen2.5-Coder on this machine, from the command line: what the Qwen Coder extension does in VS Code.',
    )
    .version(versionBeside(context.distDir), '--version', 'print the version')
    .addHelpText('after', '\nResults go to standard output, everything else to standard error.');
  for (const create of [completeCommand, generateCommand, infillCommand, scoreCommand, modelsCommand]) {
    program.addCommand(create(context, exit));
  }
  prepare(program, terminal);
  return program.hook('preAction', (_program, command) => {
    terminal.verbose = command.opts<{ verbose?: boolean }>().verbose === true;
  });
}

/** What all commands have in common, with those below them. */
function prepare(command: Command, terminal: Terminal): void {
  const name = [...ancestors(command), command].map((one) => one.name()).join(' ');
  command
    // Without this, the library would end the process by itself.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.result(text),
      writeErr: (text) => terminal.note(text.trimEnd()),
    })
    .showHelpAfterError(`(see ${name} --help)`)
    .addHelpText('after', `\n${EXIT_CODES_HELP}`);
  if (command.commands.length === 0) command.option('--verbose', 'say more on standard error');
  for (const below of command.commands) prepare(below, terminal);
}

const ancestors = ({ parent }: Command): Command[] => (parent === null ? [] : [...ancestors(parent), parent]);

/** The manifest lies one folder up, in the checkout as in a packaged extension. */
function versionBeside(distDir: string): string {
  const { version } = JSON.parse(readFileSync(join(distDir, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** Says what went wrong. @returns its exit code */
function failed(error: unknown, terminal: Terminal): ExitCode {
  // The library has said it already; help and version end so too, with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CliError) {
    terminal.note(`qwen-coder: ${error.message}`);
    return error.exitCode;
  }
  const { code, message, detail } = EngineError.from(error);
  const hint = code === 'context-overflow' ? ' A larger --context holds more.' : '';
  terminal.note(`qwen-coder: ${message}${hint}`);
  terminal.detail(`${code} ${JSON.stringify(detail ?? {})}`);
  if (code === 'internal' && error instanceof Error) terminal.detail(error.stack ?? '');
  return exitCodeOf(code);
}
