/** Fits pieces of context into a number of tokens, and says what had to stay out. */
import { renderContextItem, type ContextItem } from './contextItem';

/** The number of tokens of a text; may be an estimate. */
export type CountTokens = (text: string) => number | Promise<number>;

/** What became of one item. */
export interface PackedItem {
  readonly item: ContextItem;
  readonly part: 'whole' | 'beginning' | 'nothing';
  /** Lines of the item and how many of them went in. */
  readonly lines: { readonly all: number; readonly packed: number };
}

export interface PackedContext {
  /** The items as they stand in the prompt; empty without any. */
  readonly text: string;
  readonly tokens: number;
  readonly items: readonly PackedItem[];
}

/** Less than this of an item tells the model nothing. */
const MIN_LINES = 5;

/**
 * Items in their order, each whole where it fits; of the first that does not, its beginning; then again whole ones
 * as far as there is room.
 *
 * @param budget tokens
 */
export async function packContext(
  items: readonly ContextItem[],
  budget: number,
  countTokens: CountTokens,
): Promise<PackedContext> {
  const texts: string[] = [];
  const packed: PackedItem[] = [];
  let left = budget;
  let cut = false;
  for (const item of items) {
    const all = lineCount(item.text);
    const whole = renderContextItem(item);
    const tokens = await countTokens(whole);
    if (tokens <= left) {
      texts.push(whole);
      left -= tokens;
      packed.push({ item, part: 'whole', lines: { all, packed: all } });
      continue;
    }
    const beginning = cut ? undefined : await beginningOf(item, tokens, left, countTokens);
    if (beginning === undefined) {
      packed.push({ item, part: 'nothing', lines: { all, packed: 0 } });
      continue;
    }
    cut = true;
    texts.push(beginning.text);
    left -= beginning.tokens;
    packed.push({ item, part: 'beginning', lines: { all, packed: beginning.lines } });
  }
  return { text: texts.join('\n\n'), tokens: budget - left, items: packed };
}

/** What was left out, in words; undefined where nothing was. */
export function leftOutInWords({ items }: Pick<PackedContext, 'items'>): string | undefined {
  const said = items.flatMap(({ item, part, lines }) => {
    if (part === 'whole') return [];
    if (part === 'nothing') return [`${item.label} did not fit`];
    return [`only the first ${lines.packed} of ${lines.all} lines of ${item.label} fitted`];
  });
  if (said.length === 0) return undefined;
  const text = said.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** As many whole lines from the beginning as fit. */
async function beginningOf(
  item: ContextItem,
  tokens: number,
  budget: number,
  countTokens: CountTokens,
): Promise<{ text: string; tokens: number; lines: number } | undefined> {
  const lines = item.text.split('\n');
  let fitting: { text: string; tokens: number; lines: number } | undefined;
  // By bisection; the first guess is that all lines cost the same.
  let low = MIN_LINES;
  let high = lines.length - 1;
  let middle = Math.floor((lines.length * budget) / tokens);
  while (low <= high) {
    middle = Math.min(high, Math.max(low, middle));
    const text = renderContextItem({ ...item, text: [...lines.slice(0, middle), '…'].join('\n') });
    const cost = await countTokens(text);
    if (cost <= budget) {
      fitting = { text, tokens: cost, lines: middle };
      low = middle + 1;
    } else {
      high = middle - 1;
    }
    middle = Math.floor((low + high) / 2);
  }
  return fitting;
}

const lineCount = (text: string): number => text.replace(/\n$/, '').split('\n').length;
