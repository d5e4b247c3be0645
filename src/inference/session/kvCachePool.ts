/**
 * Several KV caches within a budget of memory, so that a chat and the completions of several files each find their
 * prefix again.
 */
import { KvCache, kvBytesPerToken, type KvCacheShape } from './kvCache';

/**
 * From so many tokens that would be forgotten, the common beginning is copied into another cache instead. Copying a
 * token takes some microseconds, evaluating it again a millisecond or more; fewer are lost with every keystroke, which
 * replaces the text after the cursor and what was generated.
 */
const FORK_TOKENS = 512;

/** A beginning shorter than this is nothing that two prompts share by their content. */
const SHARED_TOKENS = 16;

export class KvCachePool {
  /** Most recently used last. */
  #caches: KvCache[] = [];

  /** @param budgetBytes what all caches may take; the one in use is always kept */
  constructor(
    private readonly shape: KvCacheShape,
    private readonly budgetBytes: number,
  ) {}

  get caches(): readonly KvCache[] {
    return this.#caches;
  }

  get byteLength(): number {
    return this.#caches.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /**
   * The cache for a prompt, holding some of its beginning and nothing else, with room for `tokens` in all. It stays
   * in the pool and is the last to be given up.
   *
   * @param exactOnly nothing in it may be other than a straight run would have it
   * @throws RangeError above the shape's `maxTokens`
   */
  take(ids: readonly number[], tokens: number, exactOnly = true): KvCache {
    const { cache: nearest, common } = this.#nearest(ids, exactOnly);
    const cache =
      nearest !== undefined && mayTruncate(nearest, common) ? nearest : this.#another(nearest, common);
    cache.truncate(common);
    this.#caches = [...this.#caches.filter((other) => other !== cache), cache];
    this.#makeRoom(tokens, cache);
    cache.fit(tokens);
    return cache;
  }

  /** Forgets everything. */
  clear(): void {
    this.#caches = [];
  }

  #nearest(ids: readonly number[], exactOnly: boolean): { cache: KvCache | undefined; common: number } {
    let nearest: { cache: KvCache | undefined; common: number } = { cache: undefined, common: 0 };
    for (const cache of this.#caches) {
      const same = cache.commonPrefix(ids);
      const common = exactOnly ? Math.min(same, cache.exactLength) : same;
      if (common >= nearest.common) nearest = { cache, common };
    }
    return nearest;
  }

  /** A new cache that begins as another one does. */
  #another(from: KvCache | undefined, common: number): KvCache {
    const cache = new KvCache(this.shape);
    if (from !== undefined && common > 0) cache.appendSnapshot(from.snapshot(0, common));
    return cache;
  }

  /** Gives up the least recently used caches until `kept` fits with so many tokens. */
  #makeRoom(tokens: number, kept: KvCache): void {
    const needed = tokens * kvBytesPerToken(this.shape);
    while (this.#caches.length > 1 && this.byteLength - kept.byteLength + needed > this.budgetBytes) {
      this.#caches.shift();
    }
  }
}

/** Whether little is lost by cutting a cache down to what it shares with a prompt. */
function mayTruncate(cache: KvCache, common: number): boolean {
  const lost = cache.length - common;
  return lost === 0 || (common >= SHARED_TOKENS && lost < FORK_TOKENS);
}
