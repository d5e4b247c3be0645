/**
 * What the kept suffix changes: at the places of the replay, the first token of the middle and the greedy ones behind it
 * where the suffix was evaluated behind a shorter prefix and moved, beside a straight run over the same tokens.
 */
import type { Variant } from '../../../../src/inference/engine';
import type { DecoderGraph } from '../../../../src/inference/session/decoderGraph';
import type { KvCache } from '../../../../src/inference/session/kvCache';
import { HEAD_TOKENS } from '../../../../src/inference/session/keptSuffixes';
import { sharedConvertedDir } from '../../../support/sharedStorage';
import type { Tokenizer } from '../../../../src/inference/tokenizer/tokenizer';
import { meanDivergence } from '../../../../src/inference/variant/divergence';
import { openGraph } from '../../../support/tinyModel';
import type { ReplaySource } from '../replay/sources';

/** Tokens typed since the suffix was evaluated. */
export const DRIFTS = [1, 4, 16, 32, 64] as const;
/** Tokens of the suffix that are evaluated anew; nothing: not even the separator is. */
export const HEADS = ['nothing', 0, 8, 16, 32] as const;
export type Head = (typeof HEADS)[number];

const PREFIX_TOKENS = 1000;
const SUFFIX_TOKENS = 250;
const GREEDY_TOKENS = 12;

/** Of one place. */
export interface KeptPlace {
  /** In nats, of the first token, straight run to kept suffix. */
  readonly kl: number;
  readonly sameToken: boolean;
  /** All greedy tokens are the same. */
  readonly sameText: boolean;
}

export interface KeptMeasured {
  readonly drift: number;
  readonly head: Head;
  readonly places: readonly KeptPlace[];
}

/** Tokens in front of the one that is deleted from the suffix, after it was evaluated. */
export const EDITS = [0, 8, 16, 31] as const;
/** Tokens of the suffix behind the deleted one that are evaluated anew with what stands before it. */
export const BEYOND = [0, 8, 32] as const;
const TYPED_BESIDE_EDIT = 1;

export interface EditMeasured {
  readonly edit: number;
  readonly beyond: number;
  readonly places: readonly KeptPlace[];
}

export interface KeptAndEdited {
  readonly kept: readonly KeptMeasured[];
  readonly edited: readonly EditMeasured[];
}

export interface KeptModel {
  readonly modelPath: string;
  readonly variant: Variant;
  readonly threads: number;
}

/** @param onFile after each file */
export async function measureKept(
  sources: readonly ReplaySource[],
  { modelPath, variant, threads }: KeptModel,
  onFile: (done: number) => void,
): Promise<KeptAndEdited> {
  const cacheDir = sharedConvertedDir();
  const opened = await openGraph(modelPath, cacheDir, { variant, threads });
  const { graph } = opened;
  const { tokenizer } = opened.session();
  const maxTokens = PREFIX_TOKENS + SUFFIX_TOKENS + Math.max(...DRIFTS) + 2 * GREEDY_TOKENS;
  const newCache = (): KvCache => opened.newCache(maxTokens);
  const measured = DRIFTS.flatMap((drift) =>
    HEADS.map((head) => ({ drift, head, places: [] as KeptPlace[] })),
  );
  const edited = EDITS.flatMap((edit) =>
    BEYOND.map((beyond) => ({ edit, beyond, places: [] as KeptPlace[] })),
  );
  try {
    for (const [index, file] of sources.entries()) {
      const place = new Place(file, tokenizer, graph, newCache);
      await place.begin();
      for (const drift of DRIFTS) {
        const straight = await place.straight(drift);
        for (const head of HEADS) {
          const kept = await place.kept(drift, head);
          const of = measured.find((each) => each.drift === drift && each.head === head);
          of?.places.push(compared(straight, kept));
        }
      }
      for (const edit of EDITS) {
        const straight = await place.straight(TYPED_BESIDE_EDIT, edit);
        for (const { beyond, places } of edited.filter((each) => each.edit === edit)) {
          places.push(compared(straight, await place.keptBeyond(TYPED_BESIDE_EDIT, edit, beyond)));
        }
      }
      onFile(index + 1);
    }
  } finally {
    await graph.release();
  }
  return { kept: measured, edited };
}

/** What the model says behind a prompt. */
interface Answer {
  readonly logits: Float32Array;
  readonly ids: readonly number[];
}

function compared(straight: Answer, kept: Answer): KeptPlace {
  return {
    kl: meanDivergence([straight.logits], [kept.logits]),
    sameToken: straight.ids[0] === kept.ids[0],
    sameText: straight.ids.join() === kept.ids.join(),
  };
}

/** One place in a file, which is typed on from there. */
class Place {
  readonly #before: readonly number[];
  readonly #typed: readonly number[];
  readonly #suffix: readonly number[];
  readonly #base: KvCache;

  constructor(
    { hole: { before, target, after } }: ReplaySource,
    private readonly tokenizer: Tokenizer,
    private readonly graph: DecoderGraph,
    private readonly newCache: () => KvCache,
  ) {
    this.#before = [this.#special('fim_prefix'), ...tokenizer.encode(before).slice(-PREFIX_TOKENS)];
    this.#typed = tokenizer.encode(target);
    this.#suffix = tokenizer.encode(after).slice(0, SUFFIX_TOKENS);
    this.#base = newCache();
  }

  /** Evaluates the prompt with nothing typed. */
  async begin(): Promise<void> {
    await this.#evaluate(this.#base, this.#before);
    await this.#evaluate(this.#base, [this.#special('fim_suffix'), ...this.#suffix]);
  }

  /** @param edit index into the suffix of a token that is deleted */
  async straight(drift: number, edit?: number): Promise<Answer> {
    const cache = this.#typedCache();
    await this.#evaluate(cache, this.#typed.slice(0, drift));
    const suffix = this.#suffix.filter((_, index) => index !== edit);
    await this.#evaluate(cache, [this.#special('fim_suffix'), ...suffix]);
    return this.#answer(cache);
  }

  /** Takes over what stands `beyond` tokens and more behind a deleted token. */
  async keptBeyond(drift: number, edit: number, beyond: number): Promise<Answer> {
    const from = this.#before.length;
    const snapshot = this.#base.snapshot(from, this.#base.length);
    const cache = this.#typedCache();
    await this.#evaluate(cache, this.#typed.slice(0, drift));
    // As the engine has it, whose kept suffix never begins sooner than `HEAD_TOKENS` behind the separator.
    const end = Math.min(Math.max(edit + 1 + beyond, HEAD_TOKENS + 1), this.#suffix.length);
    const anew = this.#suffix.slice(0, end).filter((_, index) => index !== edit);
    await this.#evaluate(cache, [this.#special('fim_suffix'), ...anew]);
    cache.appendSnapshot(snapshot, 1 + end);
    return this.#answer(cache);
  }

  async kept(drift: number, head: Head): Promise<Answer> {
    const from = this.#before.length;
    const snapshot = this.#base.snapshot(from, this.#base.length);
    const cache = this.#typedCache();
    await this.#evaluate(cache, this.#typed.slice(0, drift));
    const anew = head === 'nothing' ? 0 : 1 + head;
    if (anew > 0) await this.#evaluate(cache, snapshot.tokens.slice(0, anew));
    cache.appendSnapshot(snapshot, Math.min(anew, snapshot.tokens.length));
    return this.#answer(cache);
  }

  #typedCache(): KvCache {
    const cache = this.newCache();
    cache.appendSnapshot(this.#base.snapshot(0, this.#before.length));
    return cache;
  }

  async #evaluate(cache: KvCache, ids: readonly number[]): Promise<void> {
    if (ids.length > 0) await this.graph.run({ ids, rows: [ids.length - 1] }, cache);
  }

  async #answer(cache: KvCache): Promise<Answer> {
    const first = await this.graph.run(
      { ids: [this.#special('fim_middle')], rows: [0], fullLogits: true },
      cache,
    );
    const ids = [Number(first.topIds[0])];
    while (ids.length < GREEDY_TOKENS) {
      const { topIds } = await this.graph.run({ ids: ids.slice(-1), rows: [0] }, cache);
      ids.push(Number(topIds[0]));
    }
    return { logits: first.logits ?? new Float32Array(), ids };
  }

  #special(token: 'fim_prefix' | 'fim_suffix' | 'fim_middle'): number {
    const id = this.tokenizer.specialId(token);
    if (id === undefined) throw new RangeError(`the model has no ${token}`);
    return id;
  }
}
