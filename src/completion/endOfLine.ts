/** Ends of line: the model is shown and writes LF alone; the document keeps its own. */

export type EndOfLine = '\n' | '\r\n';

/** Looks at the line end nearest to the cursor, no further than this many UTF-16 units away on either side. */
const LOOK_UNITS = 8192;

/**
 * @param offset UTF-16 offset of the cursor
 * @returns the end of line used around the cursor; LF where none is near
 */
export function endOfLineAt(text: string, offset: number): EndOfLine {
  const from = Math.max(0, offset - LOOK_UNITS);
  const region = text.slice(from, offset + LOOK_UNITS);
  const before = region.slice(0, offset - from).lastIndexOf('\n');
  const at = before >= 0 ? before : region.indexOf('\n');
  return at > 0 && region.charAt(at - 1) === '\r' ? '\r\n' : '\n';
}

/** CRLF and lone CR become LF. */
export function toLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/** @param text with LF alone */
export function fromLineFeeds(text: string, endOfLine: EndOfLine): string {
  return endOfLine === '\n' ? text : text.replaceAll('\n', endOfLine);
}
