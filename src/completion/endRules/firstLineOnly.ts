import { end, type EndRule } from './endRule';

/** One line is wanted; or there is text behind the cursor on its line, which more than one would tear apart. */
export const firstLineOnly: EndRule = (text, { lineSuffix, length }) => {
  if (length !== 'line' && lineSuffix.trim() === '') return 'continue';
  const newLine = text.indexOf('\n');
  return newLine < 0 ? 'continue' : end(text.slice(0, newLine));
};
