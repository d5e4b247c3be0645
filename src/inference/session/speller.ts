/** Token healing: has the first tokens spell the beginning of a word that stands before the cursor. */
import type { Tokenizer } from '../tokenizer/tokenizer';
import { only, type Candidates } from './sampler';

export class Speller {
  #owed: string;
  #written = 0;

  constructor(
    private readonly tokenizer: Tokenizer,
    spell: string,
  ) {
    this.#owed = spell;
  }

  get done(): boolean {
    return this.#owed === '';
  }

  /** Tokens that have written more than what was owed. */
  get written(): number {
    return this.#written;
  }

  /** Those of the candidates that spell on; where none does, the token that the text would have had. */
  open(all: Candidates): Candidates {
    if (this.done) return all;
    const kept = only(all, (id) => this.#spells(id));
    if (kept.ids.length > 0) return kept;
    const [id = 0] = this.tokenizer.encode(this.#owed);
    return { logits: Float32Array.of(0), ids: BigInt64Array.of(BigInt(id)) };
  }

  /** @returns what of a piece is new */
  push(piece: string): string {
    const owed = this.#owed;
    if (owed === '' || piece.length > owed.length) this.#written++;
    this.#owed = owed.slice(Math.min(owed.length, piece.length));
    return piece.slice(owed.length);
  }

  #spells(id: number): boolean {
    if (this.tokenizer.isSpecial(id)) return false;
    const text = this.tokenizer.decode([id]);
    return text !== '' && (text.startsWith(this.#owed) || this.#owed.startsWith(text));
  }
}
