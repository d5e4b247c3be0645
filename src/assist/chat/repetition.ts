/** Small models sometimes fall into a loop and would go on until the context is full. */

/** Looked at, in UTF-16 units from the end. */
const WINDOW = 2400;
/** A period shorter than this is a table's rule or a row of blanks. */
const MIN_PERIOD = 24;
/** So often the same piece must stand there. */
const TIMES = 4;

/**
 * Whether a text ends with the same piece four times or more. Rows of data repeat as well, but rarely to the letter.
 * @returns where the second of them begins, so that one is kept; undefined where it does not repeat itself
 */
export function repetitionStart(text: string): number | undefined {
  const from = Math.max(0, text.length - WINDOW);
  const tail = text.slice(from);
  const most = Math.floor(tail.length / TIMES);
  for (let period = MIN_PERIOD; period <= most; period++) {
    let at = tail.length - 1;
    while (at >= period && tail.charCodeAt(at) === tail.charCodeAt(at - period)) at--;
    const repeated = tail.length - 1 - at;
    if (repeated >= period * (TIMES - 1)) return from + at + 1;
  }
  return undefined;
}
