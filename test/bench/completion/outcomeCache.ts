/** Outcomes of programs that were run before: rules that end a completion at the same place make the same program. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { ProgramOutcome, PythonSandbox } from '../../../src/cli/score/pythonSandbox';

/**
 * A sandbox that runs each program once.
 *
 * @param file JSON Lines of earlier runs, which is added to; undefined keeps them in memory alone
 */
export function rememberingSandbox(
  sandbox: Pick<PythonSandbox, 'run'>,
  file: string | undefined,
): Pick<PythonSandbox, 'run'> {
  const known = new Map<string, ProgramOutcome>(file === undefined ? [] : readOutcomes(file));
  return {
    async run(program, signal) {
      const key = createHash('sha256').update(program).digest('hex');
      const before = known.get(key);
      if (before !== undefined) return before;
      const outcome = await sandbox.run(program, signal);
      known.set(key, outcome);
      // A program that ran out of time may have met a busy machine.
      if (file !== undefined && outcome.kind !== 'timeout') {
        appendFileSync(file, `${JSON.stringify({ key, outcome })}\n`);
      }
      return outcome;
    },
  };
}

function readOutcomes(file: string): [string, ProgramOutcome][] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // What follows the last line end was being written when a run was interrupted.
  return lines.slice(0, -1).flatMap((line): [string, ProgramOutcome][] => {
    try {
      const { key, outcome } = JSON.parse(line) as { key: string; outcome: ProgramOutcome };
      return [[key, outcome]];
    } catch {
      return [];
    }
  });
}
