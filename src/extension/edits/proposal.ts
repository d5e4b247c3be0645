/** The state of one proposed edit: the text that it is for, and the text as it would be. No editor here. */
import { applyHunks, hunksBetween, reanchor, withLineFeeds, type Hunk } from './hunks';

export class Proposal {
  #base: string;
  #proposed: string;

  /**
   * @param base the document's text that the edit was made from
   * @param proposed the whole text as it would be
   */
  constructor(base: string, proposed: string) {
    this.#base = withLineFeeds(base);
    this.#proposed = withLineFeeds(proposed);
  }

  get base(): string {
    return this.#base;
  }

  get proposed(): string {
    return this.#proposed;
  }

  /** What is still to be decided, by the base's lines. */
  get hunks(): readonly Hunk[] {
    return hunksBetween(this.#base, this.#proposed);
  }

  /** More of the text has come, or another one. */
  propose(text: string): void {
    this.#proposed = withLineFeeds(text);
  }

  /**
   * Moves the edit to the document as it is now.
   *
   * @returns false where it changed at the place of the edit, which then stays as it was
   */
  rebase(current: string): boolean {
    const now = withLineFeeds(current);
    if (now === this.#base) return true;
    const moved = reanchor(this.hunks, this.#base, now);
    if (moved.kind === 'conflict') return false;
    this.#base = now;
    this.#proposed = applyHunks(now, moved.hunks);
    return true;
  }

  /** Takes hunks as applied: the document has them from now on. */
  accepted(hunks: readonly Hunk[]): void {
    this.#base = applyHunks(this.#base, hunks);
  }

  /** Takes hunks back out of the proposed text. */
  reject(hunks: readonly Hunk[]): void {
    const rejected = new Set(hunks.map(({ start }) => start));
    this.#proposed = applyHunks(
      this.#base,
      this.hunks.filter(({ start }) => !rejected.has(start)),
    );
  }

  /** The hunk at a line of the proposed text, or the nearest one. */
  hunkAt(line: number): Hunk | undefined {
    let shift = 0;
    let nearest: { hunk: Hunk; distance: number } | undefined;
    for (const hunk of this.hunks) {
      const start = hunk.start + shift;
      const end = start + Math.max(hunk.added.length, 1);
      const distance = line < start ? start - line : Math.max(0, line - end + 1);
      if (nearest === undefined || distance < nearest.distance) nearest = { hunk, distance };
      shift += hunk.added.length - hunk.removed.length;
    }
    return nearest?.hunk;
  }
}
