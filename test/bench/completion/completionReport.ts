/** The numbers of completion as JSON and as tables. */
import { head, percent, row } from '../markdown';
import type { RuleWorth } from './ablateRules';
import { contextTable } from './context/contextReport';
import type { ContextMeasured } from './context/measureContext';
import { healingTable } from './healing/healingReport';
import type { HealingMeasured } from './healing/measureHealing';
import { keptTables, type KeptSuffixMeasured } from './kept/keptReport';
import type { InfillKind } from './infillTasks';
import type { InfillMeasured } from './measureInfill';
import type { FileReplayed } from './replay/measureReplay';
import { replayRatios, replayTables, type ReplayRatios } from './replay/replayReport';
import { REPLAY_NAMES } from './replay/runReplay';

export interface CompletionMeasured {
  readonly infill: Partial<Record<InfillKind, InfillMeasured>>;
  readonly rules?: readonly RuleWorth[];
  readonly replay?: readonly FileReplayed[];
  readonly context?: readonly ContextMeasured[];
  readonly healing?: readonly HealingMeasured[];
  readonly kept?: KeptSuffixMeasured;
}

/** pass@1 from 0 to 1. */
export interface PassRates {
  readonly raw: number;
  readonly firstCut: number;
  readonly pipeline: number;
  readonly hindsight: number;
}

export interface CompletionReport {
  readonly singleLine?: PassRates;
  readonly multiLine?: PassRates;
  readonly replay?: ReplayRatios;
}

const KINDS: Readonly<Record<InfillKind, string>> = { singleLine: 'single-line', multiLine: 'multi-line' };
/** What the pipeline is to reach, in points. */
const ABOVE_RAW = 6;
const ABOVE_FIRST_CUT = 6;
const BELOW_HINDSIGHT = 3;

export function completionReport({ infill, replay }: CompletionMeasured): CompletionReport {
  const rates = ({ raw, firstCut, pipeline, hindsight }: InfillMeasured): PassRates => ({
    raw: rounded(raw.passAt1),
    firstCut: rounded(firstCut.passAt1),
    pipeline: rounded(pipeline.passAt1),
    hindsight: rounded(hindsight),
  });
  return {
    ...(infill.singleLine && { singleLine: rates(infill.singleLine) }),
    ...(infill.multiLine && { multiLine: rates(infill.multiLine) }),
    ...(replay && { replay: replayRatios(replay, REPLAY_NAMES) }),
  };
}

/** The tables of what has been measured, by the names of their sections in the document. */
export function completionSections(measured: CompletionMeasured): Map<string, string> {
  const { infill, rules, replay, context, healing, kept } = measured;
  const sections = new Map<string, string>();
  if (Object.keys(infill).length > 0) sections.set('infilling', infillTables(measured));
  if (rules !== undefined) sections.set('rules', rulesTable(rules));
  if (replay !== undefined) sections.set('replay', replayTables(replay, REPLAY_NAMES));
  if (context !== undefined) sections.set('context', contextTable(context));
  if (healing !== undefined) sections.set('healing', healingTable(healing));
  if (kept !== undefined) sections.set('kept', keptTables(kept));
  return sections;
}

function infillTables({ infill }: CompletionMeasured): string {
  const kinds = (Object.keys(KINDS) as InfillKind[]).filter((kind) => infill[kind] !== undefined);
  const of = (kind: InfillKind): InfillMeasured => infill[kind] as InfillMeasured;
  const line = (name: string, share: (measured: InfillMeasured) => number): string =>
    row([name, ...kinds.map((kind) => percent(share(of(kind))))]);
  return [
    '### HumanEval-Infilling',
    '',
    head(['pass@1', ...kinds.map((kind) => `${KINDS[kind]} (${of(kind).tasks} tasks)`)]),
    line('bare prompt, to its own end', ({ raw }) => raw.passAt1),
    line('the same, its first line', ({ rawFirstLine }) => rawFirstLine.passAt1),
    line('the same, cut where the suffix’s first line comes again', ({ firstCut }) => firstCut.passAt1),
    line('**as the editor shows it**', ({ pipeline }) => pipeline.passAt1),
    line('best line end of the bare prompt’s text, by hindsight', ({ hindsight }) => hindsight),
    line(
      'best line end of what the editor asked for, by hindsight',
      ({ pipelineHindsight }) => pipelineHindsight,
    ),
    line('exact match, as the editor shows it', ({ pipeline }) => pipeline.exactMatch),
    '',
    ...targets(infill),
    '',
    head(['the editor’s text was ended by', ...kinds.map((kind) => KINDS[kind])]),
    ...endNames(kinds.map(of)).map((name) =>
      row([name, ...kinds.map((kind) => String(of(kind).endedBy[name] ?? 0))]),
    ),
  ].join('\n');
}

function rulesTable(rules: readonly RuleWorth[]): string {
  const kinds = (Object.keys(KINDS) as InfillKind[]).filter((kind) => rules[0]?.byKind[kind] !== undefined);
  return [
    '### End rules',
    '',
    head([
      'without',
      ...kinds.flatMap((kind) => [`${KINDS[kind]}: ended, changed`, 'pass only with, only without', 'worth']),
    ]),
    ...rules.map(({ name, byKind }) =>
      row([
        name,
        ...kinds.flatMap((kind) => {
          const { ended = 0, changed = 0, gained = 0, lost = 0, worth = 0 } = byKind[kind] ?? {};
          return [`${ended}, ${changed}`, `${gained}, ${lost}`, `${signed(worth * 100)} points`];
        }),
      ]),
    ),
  ].join('\n');
}

function targets({ singleLine, multiLine }: CompletionMeasured['infill']): string[] {
  const lines: string[] = [];
  const add = (what: string, value: number, target: number): void => {
    lines.push(row([what, `≥ ${target}`, signed(value * 100), value * 100 >= target ? 'yes' : 'no']));
  };
  if (singleLine !== undefined) {
    add(
      'single-line: above the bare prompt',
      singleLine.pipeline.passAt1 - singleLine.raw.passAt1,
      ABOVE_RAW,
    );
  }
  if (multiLine !== undefined) {
    add(
      'multi-line: above the plain cut',
      multiLine.pipeline.passAt1 - multiLine.firstCut.passAt1,
      ABOVE_FIRST_CUT,
    );
    const { pipeline, hindsight, pipelineHindsight } = multiLine;
    add(
      'multi-line: from hindsight on the bare prompt’s text',
      pipeline.passAt1 - hindsight,
      -BELOW_HINDSIGHT,
    );
    add(
      'multi-line: from hindsight on what the editor asked for',
      pipeline.passAt1 - pipelineHindsight,
      -BELOW_HINDSIGHT,
    );
  }
  return lines.length === 0 ? [] : [head(['points of pass@1', 'target', 'here', 'met']), ...lines];
}

function endNames(all: readonly InfillMeasured[]): string[] {
  const names = new Set(all.flatMap(({ endedBy }) => Object.keys(endedBy)));
  const times = (name: string): number => all.reduce((sum, { endedBy }) => sum + (endedBy[name] ?? 0), 0);
  return [...names].sort((a, b) => times(b) - times(a));
}

const rounded = (share: number): number => Math.round(share * 10_000) / 10_000;
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
