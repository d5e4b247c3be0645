/** Ways to end a raw generation that need nothing but the suffix, or the tests themselves. */

/**
 * The raw text up to the first place that repeats the suffix's first non-blank line: as a whole line, blanks at its end
 * aside. What a plain loop in an editor would do, and what cleverer rules are held against. A suffix that begins inside
 * a line is looked for anywhere; all of the raw text remains where nothing repeats.
 */
export function firstCut(raw: string, prompt: string, suffix: string): string {
  const first = suffix.split('\n').find((line) => line.trim() !== '');
  if (first === undefined) return raw;
  const insideLine = !/(^|\n)$/.test(prompt) && suffix.split('\n')[0] === first;
  if (insideLine) {
    const at = raw.indexOf(first.trim());
    return at < 0 ? raw : raw.slice(0, at);
  }
  let start = 0;
  for (const line of raw.split('\n')) {
    if (line.trimEnd() === first.trimEnd()) return raw.slice(0, start);
    start += line.length + 1;
  }
  return raw;
}

/**
 * Every text that ending the generation at a line end could leave, each once, the shortest first. The program behind
 * a hole of whole lines begins on a line of its own, so a line end stands at the end of each.
 */
export function lineEndings(raw: string): string[] {
  const found = new Set<string>();
  for (let at = raw.indexOf('\n'); at >= 0; at = raw.indexOf('\n', at + 1)) found.add(raw.slice(0, at + 1));
  if (raw !== '') {
    found.add(raw);
    found.add(`${raw}\n`);
  }
  return [...found];
}
