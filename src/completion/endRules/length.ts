import { end, type EndRule } from './endRule';
import { cutBefore, writtenLines } from './lines';

/** More lines than a person reads before deciding. */
export const MAX_LINES = 20;

/** Ends at two blank lines: in nearly every style they part things that do not belong together. */
export const twoBlankLines: EndRule = (text) => {
  const found = /\n[ \t]*\n[ \t]*\n/.exec(text);
  return found === null ? 'continue' : end(text.slice(0, found.index));
};

/** Ends after `MAX_LINES` lines. */
export const maximumLines: EndRule = (text, context, complete) => {
  const line = writtenLines(text, context, complete)[MAX_LINES];
  return line === undefined ? 'continue' : end(cutBefore(text, line));
};
