/** What completion asks of an engine, kept as numbers: lengths, and what each request shares with the one before. */
import { commonEnd, commonStart } from '../../../src/inference/session/commonTokens';
import type { GenerateRequest, PromptPart, SpecialToken } from '../../../src/inference/engine';
import type { Tokenizer } from '../../../src/inference/tokenizer/tokenizer';

/** One request that was answered. All in tokens. */
export interface RecordedRequest {
  /** Before the cursor, and how much of its beginning the request before had too. */
  readonly prefix: number;
  readonly sharedPrefix: number;
  /** Behind the cursor, and how much of its end the request before had too. */
  readonly suffix: number;
  readonly sharedSuffix: number;
  readonly generated: number;
}

/** Requests of one document, in their order. */
export interface RecordedSequence {
  readonly languageId: string;
  readonly requests: readonly RecordedRequest[];
}

export class RequestLog {
  readonly sequences: RecordedSequence[] = [];
  #requests: RecordedRequest[] = [];
  #before: { readonly prefix: readonly number[]; readonly suffix: readonly number[] } | undefined;

  constructor(private readonly tokenizer: Pick<Tokenizer, 'encode'>) {}

  /** A request has been answered, or withdrawn after its prompt had been evaluated. @param generated tokens */
  note({ prompt }: GenerateRequest, generated: number): void {
    const [prefix, suffix] = (['fim_prefix', 'fim_suffix'] as const).map((name) =>
      this.tokenizer.encode(textBehind(prompt, name)),
    ) as [number[], number[]];
    const { prefix: prefixBefore = [], suffix: suffixBefore = [] } = this.#before ?? {};
    this.#requests.push({
      prefix: prefix.length,
      sharedPrefix: commonStart(prefix, prefixBefore),
      suffix: suffix.length,
      sharedSuffix: commonEnd(suffix, suffixBefore),
      generated,
    });
    this.#before = { prefix, suffix };
  }

  /** The document is done; what follows is of another one. */
  endDocument(languageId: string): void {
    this.sequences.push({ languageId, requests: this.#requests });
    this.#requests = [];
    this.#before = undefined;
  }
}

function textBehind(prompt: readonly PromptPart[], name: SpecialToken): string {
  const at = prompt.findIndex((part) => 'special' in part && part.special === name);
  const part = at < 0 ? undefined : prompt[at + 1];
  return part !== undefined && 'text' in part ? part.text : '';
}
