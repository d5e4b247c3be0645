/**
 * What each source of context is worth: every line of the files that are typed in the replay, asked for at its
 * beginning with one source more or less. The text before it is the file's own, so all variants are asked the same.
 */
import type { Syntax } from '../../../../src/assist/syntax/syntax';
import { Completer, DEFAULT_COMPLETER_OPTIONS, EACH_BY_ITSELF } from '../../../../src/completion/completer';
import { systemClock } from '../../../../src/completion/clock';
import { CONTEXT_SWITCHES, type ContextSwitches } from '../../../../src/completion/context/contextChunk';
import { ContextKeeper } from '../../../../src/completion/context/contextKeeper';
import type { DocumentSnapshot } from '../../../../src/completion/snapshot';
import type { Engine } from '../../../../src/inference/engine';
import { takenText } from '../replay/acceptance';
import type { ReplaySource, SourceFile } from '../replay/sources';
import { contextOf } from './packageContext';

/** Sources that a package tells by itself; there is no history of edits in it, and nothing that an editor reports. */
export const MEASURED_SOURCES = ['path', 'imports', 'signature', 'open'] as const;
type MeasuredSource = (typeof MEASURED_SOURCES)[number];

export interface ContextVariant {
  readonly name: string;
  readonly on: readonly MeasuredSource[];
}

export const CONTEXT_VARIANTS: readonly ContextVariant[] = [
  { name: 'nothing', on: [] },
  { name: 'path', on: ['path'] },
  ...MEASURED_SOURCES.slice(1).map((source) => ({ name: `path, ${source}`, on: ['path', source] as const })),
  { name: 'all', on: MEASURED_SOURCES },
  ...MEASURED_SOURCES.slice(1).map((source) => ({
    name: `all but ${source}`,
    on: MEASURED_SOURCES.filter((other) => other !== source),
  })),
];

/** One line of one file, asked for at its beginning. */
export interface AskedLine {
  /** It is as it is in the file. */
  readonly right: boolean;
  /** UTF-16 units that a person would take. */
  readonly taken: number;
  readonly promptTokens: number;
}

export interface ContextMeasured {
  readonly variant: ContextVariant;
  /** The same lines in the same order for every variant. */
  readonly lines: readonly AskedLine[];
}

export interface ContextTask {
  readonly source: ReplaySource;
  /** All files of its package. */
  readonly files: readonly SourceFile[];
}

/** @param onTask after each file */
export async function measureContext(
  tasks: readonly ContextTask[],
  engine: Engine,
  syntax: Syntax,
  onTask: (done: number, variant: ContextVariant) => void,
): Promise<ContextMeasured[]> {
  const measured: ContextMeasured[] = [];
  for (const variant of CONTEXT_VARIANTS) {
    const lines: AskedLine[] = [];
    for (const [index, task] of tasks.entries()) {
      lines.push(...(await askLines(task, variant, engine, syntax)));
      onTask(index + 1, variant);
    }
    measured.push({ variant, lines });
  }
  return measured;
}

async function askLines(
  { source, files }: ContextTask,
  { on }: ContextVariant,
  engine: Engine,
  syntax: Syntax,
): Promise<AskedLine[]> {
  const keeper = new ContextKeeper();
  const switches = Object.fromEntries(
    CONTEXT_SWITCHES.map((source) => [source, on.includes(source as MeasuredSource)]),
  ) as ContextSwitches;
  let promptTokens = 0;
  const completer = new Completer(
    engine,
    { ...DEFAULT_COMPLETER_OPTIONS, ...EACH_BY_ITSELF },
    systemClock(),
    (trace) => (promptTokens = trace.promptTokens ?? 0),
    keeper,
  );
  const lines: AskedLine[] = [];
  for (const { snapshot, rest } of linesOf(source)) {
    if (on.length > 0) keeper.refresh(await contextOf(source, files, snapshot, switches, syntax));
    const outcome = await completer.complete(snapshot, 'explicit', undefined, { length: 'line' });
    if (outcome.kind === 'none' && outcome.reason === 'engine-failed') throw outcome.error;
    const taken = outcome.kind === 'suggestion' ? (takenText(outcome.text, rest) ?? '') : '';
    lines.push({ right: taken !== '', taken: taken.trimStart().length, promptTokens });
  }
  completer.dispose();
  return lines;
}

/** The document as it is when each line is begun: indented, with nothing of it and of those that follow. */
export function linesOf({ uri, hole }: ReplaySource): { snapshot: DocumentSnapshot; rest: string }[] {
  const { languageId, before, target, after } = hole;
  const found: { snapshot: DocumentSnapshot; rest: string }[] = [];
  for (const match of target.matchAll(/^([ \t]*)\S.*$/gm)) {
    const [, indent = ''] = match;
    const at = match.index + indent.length;
    const written = before + target.slice(0, at);
    const snapshot = {
      uri,
      languageId,
      version: found.length + 1,
      text: written + after,
      offset: written.length,
    };
    found.push({ snapshot, rest: target.slice(at) });
  }
  return found;
}
