/** What became of generated tests, in Markdown. Names and messages come from a model and from programs: code style. */
import type { DroppedTest } from './sieve';
import type { TestResult } from './results';

export interface TestReport {
  readonly title: string;
  readonly framework: string;
  readonly reason: string;
  readonly path: string;
  readonly kept: number;
  readonly dropped: readonly DroppedTest[];
  /** Undefined where nothing was run. */
  readonly results?: readonly TestResult[];
  readonly repaired?: readonly string[];
  readonly notRun?: string;
}

export function reportInMarkdown(report: TestReport): string {
  const { title, framework, reason, path, kept, dropped, results, repaired = [], notRun } = report;
  const failed = results?.filter(({ status }) => status === 'failed') ?? [];
  const passed = results?.filter(({ status }) => status === 'passed') ?? [];
  return [
    `# Tests for ${span(title)}`,
    `${kept} ${kept === 1 ? 'test' : 'tests'} for ${framework} (${reason}) in ${span(path)}.`,
    ...(notRun === undefined ? [] : [`**They could not be run:** ${span(notRun)}`]),
    ...(results === undefined || notRun !== undefined
      ? []
      : [`**${passed.length} passed, ${failed.length} failed.**`]),
    ...(failed.length === 0
      ? []
      : [
          'A failing test may have found a bug, or it expects something wrong. It was kept as it is; decide by reading it.',
          list(failed.map(({ name, message }) => `${span(name)}: ${span(message)}`)),
        ]),
    ...(repaired.length === 0 ? [] : [`Written anew because they did not run:\n${list(repaired.map(span))}`]),
    ...(dropped.length === 0
      ? []
      : [`Dropped:\n${list(dropped.map(({ name, why }) => `${span(name)}: ${span(why)}`))}`]),
    '',
  ].join('\n\n');
}

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

function span(text: string): string {
  const line = text.replace(/\s+/g, ' ').replaceAll('`', "'").trim();
  return line === '' ? '…' : `\`${line}\``;
}
