import type { Tokenizer } from './tokenizer';

/**
 * Text from token ids that arrive one by one. A token may end inside a UTF-8 character: such bytes are held back
 * until the character is whole. Bytes that can no longer become a character turn into U+FFFD at once. A byte-order
 * mark is kept, since it is the file's.
 */
export class IncrementalDecoder {
  private readonly utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(private readonly tokenizer: Pick<Tokenizer, 'bytes'>) {}

  /**
   * The text that is whole now, possibly empty.
   *
   * @throws EngineError `invalid-request` if there is no such id
   */
  push(id: number): string {
    return this.utf8.decode(this.tokenizer.bytes(id), { stream: true });
  }

  /** Ends the text: what was held back becomes U+FFFD. Afterwards a new text may begin. */
  flush(): string {
    return this.utf8.decode();
  }
}
