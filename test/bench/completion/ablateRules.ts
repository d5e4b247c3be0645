/** What each end rule is worth: the same generations, ended without it. */
import { END_RULES } from '../../../src/completion/endRules/pipeline';
import { BREAKS_SYNTAX } from '../../../src/completion/fitting';
import { SUFFIX_FOLLOWS } from '../../../src/completion/generation';
import type { InfillKind } from './infillTasks';
import { answerInEditor, resultsOf, type InfillAnswer, type ScoringParts } from './measureInfill';
import type { RecordedEngine } from './recordedEngine';

/** Rules that see the same thing in different shapes, switched off together. */
const GROUPS: readonly { readonly name: string; readonly rules: readonly string[] }[] = [
  { name: 'suffix reached', rules: ['line-suffix-reached', 'suffix-lines-reached', SUFFIX_FOLLOWS] },
  { name: 'repetition', rules: ['repeats-line-above', 'repeats-lines', 'repeats-piece'] },
  { name: 'prose and fences', rules: ['template-token', 'markdown-fence', 'prose-after-code'] },
  { name: 'length', rules: ['two-blank-lines', 'maximum-lines', 'first-line-only', 'statement-complete'] },
];

export interface RuleWorth {
  /** Of a rule or of a group. */
  readonly name: string;
  readonly off: readonly string[];
  readonly byKind: Partial<Record<InfillKind, Worth>>;
}

export interface Worth {
  /** Tasks that it ended, by the name that the pipeline gives. */
  readonly ended: number;
  /** Completions that are others without it. */
  readonly changed: number;
  /** Tasks that pass only with it, and only without it. */
  readonly gained: number;
  readonly lost: number;
  /** pass@1 with it less pass@1 without it. */
  readonly worth: number;
}

/** @param answers of the whole pipeline, by kind */
export async function ablateRules(
  answers: Partial<Record<InfillKind, readonly InfillAnswer[]>>,
  engine: RecordedEngine,
  parts: ScoringParts,
): Promise<RuleWorth[]> {
  const names = [...END_RULES.map(({ name }) => name), SUFFIX_FOLLOWS, BREAKS_SYNTAX];
  const known = (rules: readonly string[]): string[] => rules.filter((rule) => names.includes(rule));
  const switches = [
    ...names.map((name) => ({ name, off: [name] })),
    ...GROUPS.map(({ name, rules }) => ({ name: `all of: ${name}`, off: known(rules) })),
    { name: 'all rules', off: names },
  ];
  const table: RuleWorth[] = [];
  for (const { name, off } of switches) {
    const byKind: Partial<Record<InfillKind, Worth>> = {};
    for (const kind of Object.keys(answers) as InfillKind[]) {
      byKind[kind] = await worthOf(answers[kind] ?? [], off, engine, parts);
    }
    table.push({ name, off, byKind });
  }
  return table;
}

async function worthOf(
  answers: readonly InfillAnswer[],
  off: readonly string[],
  engine: RecordedEngine,
  parts: ScoringParts,
): Promise<Worth> {
  const without: InfillAnswer[] = [];
  for (const answer of answers) {
    without.push({ ...answer, ...(await answerInEditor(answer.task, engine, { endRulesOff: off })) });
  }
  const before = await resultsOf(answers, ({ pipeline }) => pipeline, parts);
  const after = await resultsOf(without, ({ pipeline }) => pipeline, parts);
  const passes = (results: typeof before, index: number): boolean => results[index]?.outcome === 'passed';
  const count = (holds: (index: number) => boolean): number =>
    answers.filter((_, index) => holds(index)).length;
  const gained = count((index) => passes(before, index) && !passes(after, index));
  const lost = count((index) => !passes(before, index) && passes(after, index));
  return {
    ended: count((index) => off.includes(answers[index]?.endedBy ?? '')),
    changed: count((index) => answers[index]?.pipeline !== without[index]?.pipeline),
    gained,
    lost,
    worth: answers.length === 0 ? 0 : (gained - lost) / answers.length,
  };
}
