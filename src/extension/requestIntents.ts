/**
 * What is behind the requests that the editor passes on as made by hand: a person, or this extension. The editor says
 * only that somebody asked, so what makes it ask leaves word here first.
 */
import type { SuggestionLength } from '../completion/completer';

/**
 * How long word is good for, in milliseconds. The editor asks at once or, where it has no reason to any more (what was
 * accepted was undone, the document closed), never; then what a person asks for must not be taken for it.
 */
const VALID_MS = 2000;

/** What is behind one request. */
export interface RequestIntent {
  /** Somebody asked for it. */
  readonly byHand: boolean;
  /** Nobody is typing, so that it need not wait. */
  readonly atOnce: boolean;
  /** How much one of our commands wants; absent where none asked. */
  readonly commanded?: SuggestionLength;
}

interface Word {
  readonly document: string;
  readonly atOnce: boolean;
  readonly until: number;
}

export class RequestIntents {
  #word: Word | undefined;
  #commanded: SuggestionLength | undefined;

  /** @param now in milliseconds, from any fixed point */
  constructor(private readonly now: () => number) {}

  /**
   * The next request repeats an automatic one: it must not be served as patiently as what is asked for by hand, and
   * nobody waits for a reason.
   *
   * @param document URI of the one that is written in
   */
  repeat(document: string): void {
    this.#leaveWord(document, false);
  }

  /** The next request is made because a suggestion was accepted in a document: nobody is typing. */
  accepted(document: string): void {
    this.#leaveWord(document, true);
  }

  /** The next request comes from a command of ours and wants so much. */
  command(length: SuggestionLength): void {
    this.#word = undefined;
    this.#commanded = length;
  }

  /**
   * What is behind a request that has come; what was left is used up by it.
   *
   * @param document URI
   * @param invoked whether the editor says that it was made by hand
   */
  take(document: string, invoked: boolean): RequestIntent {
    const word = this.#word;
    this.#word = undefined;
    const ours = word?.document === document && this.now() <= word.until;
    const byHand = invoked && !ours;
    const commanded = byHand ? this.#commanded : undefined;
    if (byHand) this.#commanded = undefined;
    return { byHand, atOnce: ours && word.atOnce, ...(commanded !== undefined && { commanded }) };
  }

  #leaveWord(document: string, atOnce: boolean): void {
    this.#word = { document, atOnce, until: this.now() + VALID_MS };
  }
}
