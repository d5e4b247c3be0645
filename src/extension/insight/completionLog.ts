/**
 * The last requests with all that is known of them, for the person alone: it has text of documents, so it is held in
 * memory and never written anywhere.
 */
import type { CompletionTrace, CompletionTrigger, PromptPiece } from '../../completion/trace';
import type { ProviderAnswer } from '../requestGate';

/** Enough to look back over some minutes of typing. */
export const KEPT_REQUESTS = 50;

/** One request of the editor that has been answered. */
export interface LoggedRequest {
  /** Counts all requests of this window, from 1. */
  readonly number: number;
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
  readonly uri: string;
  /** As people know the document. */
  readonly path: string;
  readonly languageId: string;
  /** The cursor, from 0. */
  readonly line: number;
  readonly column: number;
  readonly trigger: CompletionTrigger;
  readonly answer: ProviderAnswer;
  /** From the request to the answer, in milliseconds. */
  readonly ms: number;
  /** Completion's own account; absent where it was not asked. */
  readonly trace?: CompletionTrace;
}

/** A cursor in a document; line and column from 0. */
export type LoggedPlace = Pick<LoggedRequest, 'uri' | 'line' | 'column'>;

export class CompletionLog {
  #requests: readonly LoggedRequest[] = [];

  /** Newest last. */
  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  add(request: LoggedRequest): void {
    this.#requests = [...this.#requests, request].slice(-KEPT_REQUESTS);
  }

  /**
   * The newest request on the cursor's line, no further than some columns away from it.
   *
   * @param columns how far
   */
  lastAt({ uri, line, column }: LoggedPlace, columns: number): LoggedRequest | undefined {
    return this.#requests.findLast(
      (one) => one.uri === uri && one.line === line && Math.abs(one.column - column) <= columns,
    );
  }
}

/** A piece of a prompt and how much of it was evaluated for this request, in tokens. */
export interface EvaluatedPiece extends PromptPiece {
  readonly reused: number;
  readonly evaluated: number;
}

/**
 * Spreads what the engine counted over the pieces: the cache holds the beginning of a prompt, so pieces are reused from
 * the first one on. Their sizes are estimates, scaled to the engine's sum; so are the parts of each.
 *
 * @param promptTokens of the whole prompt, as the engine counted
 * @param cachedTokens of these, from the beginning, what was not evaluated again
 */
export function evaluatedPieces(
  pieces: readonly PromptPiece[],
  promptTokens: number,
  cachedTokens: number,
): EvaluatedPiece[] {
  const estimated = pieces.reduce((sum, { tokens }) => sum + tokens, 0);
  const scale = estimated === 0 ? 0 : promptTokens / estimated;
  let before = 0;
  return pieces.map((piece) => {
    const from = Math.round(before * scale);
    before += piece.tokens;
    const tokens = Math.round(before * scale) - from;
    const reused = Math.min(tokens, Math.max(0, cachedTokens - from));
    return { ...piece, tokens, reused, evaluated: tokens - reused };
  });
}
