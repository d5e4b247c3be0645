/** Documents drawn with their cursor, as an editor shows them. */
import type { DocumentSnapshot } from '../../../src/completion/snapshot';

const CURSOR = '█';

/**
 * @param drawn a document with one `█` where the cursor is
 * @returns the snapshot without the mark
 */
export function parse(drawn: string, given: Partial<DocumentSnapshot> = {}): DocumentSnapshot {
  const parts = drawn.split(CURSOR);
  if (parts.length !== 2) throw new Error(`expected one ${CURSOR}, found ${parts.length - 1}`);
  const [before = '', after = ''] = parts;
  return {
    uri: 'file:///a.py',
    languageId: 'python',
    version: 1,
    text: before + after,
    offset: before.length,
    ...given,
  };
}
