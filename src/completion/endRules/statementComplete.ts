import { bracketDepth } from './brackets';
import { end, type EndRule } from './endRule';
import { opensBlock, writtenLines } from './lines';

/**
 * Behind the beginning of a line, ends with the statement: where a line ends that leaves no bracket open and opens no
 * block. What comes after it is another suggestion, which can be read and taken by itself and comes sooner. Where the
 * model begins with the next line, the statement was complete before, and what comes now may be any number of lines.
 */
export const statementComplete: EndRule = (text, context, complete) => {
  const { linePrefix } = context;
  if (linePrefix.trim() === '' || /^[ \t]*\n/.test(text)) return 'continue';
  for (const line of writtenLines(text, context, complete)) {
    const newLine = text.indexOf('\n', line.start);
    if (newLine < 0) return 'continue';
    const statement = linePrefix + text.slice(0, newLine);
    if (opensBlock(line.full)) return 'continue';
    if (bracketDepth(statement) > 0 || /(?:\\|[-+*/%=&|?:,.]|\b(?:and|or|not|in))$/.test(line.full)) continue;
    return end(text.slice(0, newLine));
  }
  return 'continue';
};
