/** A piece of context that a person has put into a question: a file, what is selected, and so on. */

export const CONTEXT_KINDS = ['file', 'selection', 'symbol', 'problems', 'diff', 'workspace'] as const;
export type ContextKind = (typeof CONTEXT_KINDS)[number];

export interface ContextItem {
  readonly kind: ContextKind;
  /** What a chip shows: short, for people. */
  readonly label: string;
  /** Relative to the workspace where it lies in one, with `/`; absent where the text is no file's. */
  readonly path?: string;
  /** Of the text's first line in its file, from 1. */
  readonly firstLine?: number;
  /** The editor's name of the language; `diff` for a change. */
  readonly languageId?: string;
  readonly text: string;
}

/** How an item stands in a prompt: a line that says what it is, and its text in a fence. */
export function renderContextItem(item: ContextItem): string {
  return `${headingOf(item)}\n${fenced(item.text, item.languageId)}`;
}

/** Text in a fence that no fence inside it can end. */
export function fenced(text: string, languageId = ''): string {
  const longest = Math.max(
    0,
    ...[...text.matchAll(/^ {0,3}(`{3,})/gm)].map(([, ticks = '']) => ticks.length),
  );
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${languageId}\n${text.replace(/\n+$/, '')}\n${fence}`;
}

function headingOf({ kind, label, path, firstLine, text }: ContextItem): string {
  const lines = firstLine === undefined ? '' : `, ${linesOf(firstLine, text)}`;
  switch (kind) {
    case 'file':
      return `File ${path ?? label}:`;
    case 'selection':
      return `Selected in ${path ?? label}${lines}:`;
    case 'symbol':
      return `${label}${path === undefined ? '' : ` in ${path}`}${lines}:`;
    case 'problems':
      return `Problems that the editor reports${path === undefined ? '' : ` in ${path}`}:`;
    case 'diff':
      return 'Changes that are not committed yet:';
    case 'workspace':
      return `Found in ${path ?? label}${lines}:`;
  }
}

function linesOf(firstLine: number, text: string): string {
  const lastLine = firstLine + text.replace(/\n$/, '').split('\n').length - 1;
  return lastLine === firstLine ? `line ${firstLine}` : `lines ${firstLine} to ${lastLine}`;
}
