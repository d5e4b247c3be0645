/** The context it collects: pieces of visited files, queued first, and sent once they are in the ring. */
import type { ExtraChunk } from './requests';
import { LLAMA_VSCODE } from './settings';

interface Piece {
  readonly lines: readonly string[];
  readonly chunk: ExtraChunk;
}

export interface PickedFrom {
  readonly filename: string;
  readonly lines: readonly string[];
}

/** Pieces with fewer lines are not worth it. */
const FEWEST_LINES = 3;

export class ChunkRing {
  #ring: Piece[] = [];
  #queue: Piece[] = [];
  /** Far from every line. */
  #lastPick = -9999;

  /** @param random uniform in [0, 1); @param time milliseconds since 1970 */
  constructor(
    private readonly random: () => number,
    private readonly time: () => number,
  ) {}

  /** What goes with each request. */
  get chunks(): readonly ExtraChunk[] {
    return this.#ring.map(({ chunk }) => chunk);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** A file comes to the front, with the cursor on a line. */
  pickAround(from: PickedFrom, line: number): void {
    const half = LLAMA_VSCODE.chunkLines / 2;
    const last = from.lines.length - 1;
    this.#pick(from, inclusive(from.lines, Math.max(0, line - half), Math.min(line + half, last)), true);
  }

  /** After a suggestion: what lies beyond the prefix and the suffix, unless the cursor is near where it was. */
  pickBeyond(from: PickedFrom, line: number): void {
    const { pickDistanceLines, scopeLines, prefixLines, suffixLines, chunkLines } = LLAMA_VSCODE;
    if (Math.abs(line - this.#lastPick) <= pickDistanceLines) return;
    const last = from.lines.length - 1;
    this.#pick(
      from,
      inclusive(from.lines, Math.max(0, line - scopeLines), Math.max(0, line - prefixLines)),
      false,
    );
    const below = (lines: number): number => Math.min(last, line + lines);
    this.#pick(from, inclusive(from.lines, below(suffixLines), below(suffixLines + chunkLines)), false);
    this.#lastPick = line;
  }

  /** Moves the oldest of the queue into the ring. @returns false where the queue is empty */
  takeOver(): boolean {
    const piece = this.#queue.shift();
    if (piece === undefined) return false;
    this.#ring = [...this.#ring, piece].slice(-LLAMA_VSCODE.chunks);
    return true;
  }

  /** @param evict pieces that are nearly the same make room for it, the very same one stays */
  #pick({ filename }: PickedFrom, lines: readonly string[], evict: boolean): void {
    if (lines.length < FEWEST_LINES) return;
    const chosen = this.#shortened(lines);
    const text = `${chosen.join('\n')}\n`;
    if (evict) {
      if ([...this.#ring, ...this.#queue].some(({ chunk }) => chunk.text === text)) return;
      const other = (piece: Piece): boolean => sharedLines(piece.lines, chosen) <= LLAMA_VSCODE.sameShare;
      this.#ring = this.#ring.filter(other);
      this.#queue = this.#queue.filter(other);
    }
    const kept = this.#queue.slice(this.#queue.length >= LLAMA_VSCODE.queuedChunks ? 1 : 0);
    this.#queue = [...kept, { lines: chosen, chunk: { text, time: this.time(), filename } }];
  }

  /** Half a chunk from anywhere in what is too long. */
  #shortened(lines: readonly string[]): readonly string[] {
    if (lines.length + 1 < LLAMA_VSCODE.chunkLines) return lines;
    const half = LLAMA_VSCODE.chunkLines / 2;
    const start = Math.floor(this.random() * Math.max(0, lines.length - half + 1));
    return lines.slice(start, start + half);
  }
}

/** From 0 to 1: how many of the different lines of both are in both (Jaccard). */
export function sharedLines(a: readonly string[], b: readonly string[]): number {
  const [inA, inB] = [new Set(a), new Set(b)];
  const all = new Set([...inA, ...inB]);
  return all.size === 0 ? 1 : [...inA].filter((line) => inB.has(line)).length / all.size;
}

const inclusive = (lines: readonly string[], first: number, last: number): readonly string[] =>
  lines.slice(first, last + 1);
