/** Sentences around code that came without a fence. */

const OPENERS =
  /^(?:here(?:['’]s| is| are)?|sure|certainly|of course|below|this|these|the|in this|note|explanation|you can|i(?:['’]ve| have)?|let(?:['’]s)?|to|it|we|as|output|answer|result|updated|now)\b/i;

/**
 * Whether a line is a sentence for a person rather than code. In doubt it is code: leaving a sentence in is noticed by
 * the parser, taking code away is not.
 */
export function isProse(line: string): boolean {
  const text = line.trim();
  if (text === '' || /^(?:#(?!#)|\/\/|\/\*|\*|--|;|<|@|"|')/.test(text)) return false;
  if (/^#{2,} |^\*\*|^\d+\. [A-Z]|^- [A-Z`]/.test(text)) return true;
  const words = text.split(/\s+/).length;
  if (words < 3 && !/^[A-Z][a-z]+[!:]$/.test(text)) return /^(?:sure|certainly)\b/i.test(text);
  // A sentence ends as one, and has no code's punctuation outside of code spans.
  const bare = text.replace(/`[^`]*`/g, '');
  return OPENERS.test(text) && /[.:!?]$/.test(text) && !/[{};=]|=>|\w\(|\)\s*:/.test(bare);
}

/** The text without the sentences before and after its code. */
export function withoutProse(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  let start = 0;
  while (start < lines.length && (lines[start]?.trim() === '' || isProse(lines[start] ?? ''))) start++;
  // A sentence behind a blank line, and all after it.
  let end = lines.length;
  for (let line = start + 1; line < lines.length; line++) {
    if (lines[line - 1]?.trim() === '' && isProse(lines[line] ?? '')) {
      end = line;
      break;
    }
  }
  return lines.slice(start, end).join('\n').trimEnd();
}
