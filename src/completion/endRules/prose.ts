/** The model's way from code into talk: Markdown fences, explanations, headings of made-up examples and tests. */
import { end, type EndRule } from './endRule';
import { cutBefore, writtenLines } from './lines';

/** Where fences and prose are the document's own. */
const PROSE_LANGUAGES = new Set([
  'markdown',
  'mdx',
  'quarto',
  'rmd',
  'plaintext',
  'restructuredtext',
  'latex',
  'typst',
]);

const EXPLANATION =
  /^(?:Here(?:'s| is| are)|This (?:function|code|class|method|program|script)|In this (?:code|example)|The (?:above|following|function|code) |Explanation\b|Note that |You can |To (?:use|run|test) )/;
const MADE_UP_EXAMPLE =
  /^(?:#|\/\/|--|;+)\s*(?:test (?:the|case|your)|tests? for |example(?: usage|s)?\b|usage\b|sample usage|driver code|output:)/i;

/** Ends before a line that begins a Markdown fence, except in documents where fences belong. */
export const markdownFence: EndRule = (text, context, complete) => {
  if (PROSE_LANGUAGES.has(context.languageId)) return 'continue';
  const fence = writtenLines(text, context, complete).find((line) => /^\s*```/.test(line.full));
  return fence === undefined ? 'continue' : end(cutBefore(text, fence));
};

/** Ends before a line at the left edge that explains the code or begins an example, once code has been written. */
export const proseAfterCode: EndRule = (text, context, complete) => {
  if (PROSE_LANGUAGES.has(context.languageId)) return 'continue';
  const lines = writtenLines(text, context, complete);
  for (const line of lines.slice(1)) {
    if (!line.closed || !(EXPLANATION.test(line.full) || MADE_UP_EXAMPLE.test(line.full))) continue;
    // The left edge of a string over several lines is no left edge.
    if (/"""|'''|`/.test(text.slice(0, line.start))) continue;
    return end(cutBefore(text, line));
  }
  return 'continue';
};
