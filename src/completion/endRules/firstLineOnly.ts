import { end, type EndRule } from './endRule';

/** Text behind the cursor on its line: more than one line would tear that line apart. */
export const firstLineOnly: EndRule = (text, { lineSuffix }) => {
  if (lineSuffix.trim() === '') return 'continue';
  const newLine = text.indexOf('\n');
  return newLine < 0 ? 'continue' : end(text.slice(0, newLine));
};
