/** Where a run of single-line tasks ends: the model seldom stops there by itself. */

/** Whether a line has ended behind something other than line ends. */
export const endsLine = (text: string): boolean => text.replace(/^\n+/, '').includes('\n');

/** The first line with its end; text that is blank stays as it is. */
export const firstLineOf = (text: string): string =>
  text.trim() === '' ? text : `${text.slice(0, `${text}\n`.indexOf('\n'))}\n`;
