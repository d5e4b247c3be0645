/** Markdown from values that are not ours: names from model files, paths, reasons. */

/** Text that stays text. */
export const escapeMarkdown = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[!-/:-@[-`{-~]/g, (sign) => (PLAIN.has(sign) ? sign : `\\${sign}`));

/** Punctuation that means nothing inside a line, and reads badly behind a backslash where Markdown is not rendered. */
const PLAIN: ReadonlySet<string> = new Set([...'.,;:?%()/\'"-+=']);

/** Text in code style, to be copied as it is. */
export function codeSpan(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return fence + pad + line + pad + fence;
}

/** Text of several lines as it is. @param languageId for highlighting */
export function codeBlock(text: string, languageId: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${/^[\w+#-]+$/.test(languageId) ? languageId : ''}\n${text}\n${fence}`;
}

/**
 * A table that is also readable as it stands.
 *
 * @param head titles of the columns; an empty one makes room for names
 * @param rows cells in Markdown, as many as titles
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[], fill = ' '): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width, fill)).join(' | ')} |`;
  const [titles = [], ...others] = cells;
  return [line(titles), line([], '-'), ...others.map((row) => line(row))].join('\n');
}
