/**
 * What completion knows of the document: a value taken at one keystroke, so that nothing can change under a request
 * that is still running.
 */
export interface DocumentSnapshot {
  readonly uri: string;
  /** The editor's language identifier, as in `python` or `typescript`. */
  readonly languageId: string;
  readonly version: number;
  /** The whole text, with the document's own ends of line. */
  readonly text: string;
  /** The cursor, in UTF-16 units from the beginning of the text. */
  readonly offset: number;
}
