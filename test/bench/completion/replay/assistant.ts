/** What a replay types to: one engine with everything between it and the editor. */
import type { DocumentSnapshot } from '../../../../src/completion/snapshot';

/** Ghost text at the cursor. */
export interface Offered {
  /** Put at the cursor in place of `replaced` UTF-16 units behind it. */
  readonly text: string;
  readonly replaced: number;
  /** How likely each line that is not blank is right where those above are, by its own account, from 0 to 1. */
  readonly probabilities?: readonly number[];
  /** What ended it. */
  readonly endedBy?: string;
}

/** Another file of the same project that the person has looked at before. */
export interface VisitedFile {
  readonly uri: string;
  readonly languageId: string;
  readonly text: string;
}

/** What it has cost so far. */
export interface AssistantCost {
  /** Requests that reached the engine. */
  readonly requests: number;
  /** Prompt tokens that the engine evaluated, those of withdrawn requests included. */
  readonly evaluatedTokens: number;
  readonly generatedTokens: number;
}

export interface Assistant {
  readonly name: string;
  /** The person opens a file, after having looked at others. */
  open(document: DocumentSnapshot, visited: readonly VisitedFile[]): Promise<void>;
  /**
   * As the editor asks a provider after a change.
   * @param signal aborted by the next change
   * @returns undefined where there is no suggestion; what it returns after an abort nobody looks at
   */
  suggest(document: DocumentSnapshot, signal: AbortSignal): Promise<Offered | undefined>;
  /** The person has taken its suggestion; the next question comes right behind. */
  accepted?(): void;
  /** Resolves when nothing of it is under way any more. */
  idle(): Promise<void>;
  cost(): AssistantCost;
}
