/** Ghost text beside the open suggestion list. */

/** A replacement in a text: offsets in UTF-16 units, `start <= end`. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * While the suggestion list is open, the editor shows ghost text only if it extends the selected entry: it must
 * begin where the entry begins, replace at least as much, and start with the entry's text.
 *
 * @param document text that both offsets refer to
 * @returns the same edit in that form, or undefined when it disagrees with the entry or adds nothing to it
 */
export function extendSelectedItem(
  document: string,
  suggestion: Replacement,
  selected: Replacement,
): Replacement | undefined {
  // Both edits as replacements of one range that covers the two.
  const start = Math.min(suggestion.start, selected.start);
  const end = Math.max(suggestion.end, selected.end);
  const before = document.slice(start, selected.start);
  const widened =
    document.slice(start, suggestion.start) + suggestion.text + document.slice(suggestion.end, end);
  if (!widened.startsWith(before + selected.text)) return undefined;
  const text = widened.slice(before.length);
  if (text === selected.text) return undefined;
  return { start: selected.start, end, text };
}
