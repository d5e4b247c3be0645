/** How sure the model is of what it has written, and what is withheld for that. */
import type { CompleterOptions } from './completerOptions';
import { bracketDepth } from './endRules/brackets';
import { toLineFeeds } from './endOfLine';
import { none, type CompletionOutcome, type Suggestion } from './outcome';
import { placeOf, restAfterTyping, typedSince, type Place, type Rest } from './place';
import type { DocumentSnapshot } from './snapshot';
import type { SuggestionLength } from './suggestionLength';
import type { CompletionTrigger } from './trace';

/** So likely the model took a text up to a place to be. */
export interface Mark {
  /** UTF-16 units of the text up to there. */
  readonly at: number;
  /** Logarithms of the probabilities of all tokens up to there added up, in nats. */
  readonly logProbability: number;
}

/**
 * How likely each line comes as it is written where those above it do, by the model's own account: the product over its
 * tokens, its end included. A model that is asked for the likeliest token each time is right about as often as that
 * says, which is why a threshold on it means something to a person.
 *
 * @param text what was written, LF alone
 * @param marks of that text, rising
 * @param from UTF-16 units of the text that stand in the document by now
 * @returns from 0 to 1, for each line behind `from` that is not blank
 */
export function lineProbabilities(text: string, marks: readonly Mark[], from: number): number[] {
  let before = marks.findLast(({ at }) => at <= from)?.logProbability ?? 0;
  const found: number[] = [];
  for (const { index } of text.slice(from).matchAll(/\S.*/g)) {
    const newline = text.indexOf('\n', from + index);
    const end = newline < 0 ? text.length : newline;
    // The token with the line's end says that nothing more comes on the line.
    const { logProbability = before } = marks.find(({ at }) => at > end) ?? marks.at(-1) ?? {};
    found.push(Math.exp(Math.min(0, logProbability - before)));
    before = logProbability;
  }
  return found;
}

/**
 * {@link lineProbabilities} of what is left of a text.
 *
 * @param text what was written, with any ends of line
 * @param typed its beginning, which stands in the document by now
 */
export function probabilitiesOfRest(
  text: string,
  marks: readonly Mark[],
  typed: string,
  rest: Rest,
): readonly number[] {
  const lines = rest.text.match(/\S.*/g) ?? [];
  return lineProbabilities(toLineFeeds(text), marks, toLineFeeds(typed).length).slice(0, lines.length);
}

/** What it costs to read a wrong suggestion, in units of text, where `minProbability` is 1. */
const READING_UNITS = 20;

/**
 * How likely a suggestion's first line must be right for it to be worth showing. What it saves is its length times its
 * probability, what it costs is the time to read one that is wrong: so the few signs at the end of a line must be surer
 * than a whole one. Nobody's time counts where everything is to be shown.
 *
 * @param text what would be shown
 * @param minProbability of lines however long, from 0 to 1
 */
export function neededProbability(text: string, minProbability: number): number {
  const { length } = /\S.*/.exec(text)?.[0].trimEnd() ?? '';
  const cost = READING_UNITS * minProbability;
  return Math.max(minProbability, cost / (length + cost || 1));
}

/** A line behind the first one is right where those above are about as often as the model says. */
const LATER_LINE = 0.5;

/** What ended a suggestion of which more was written. */
export const UNLIKELY_LINE = 'unlikely-line';

/**
 * As much of a text as is rather right than wrong: lines that hardly are have to be read and taken away again.
 *
 * @param probabilities of the lines that are not blank (`lineProbabilities`)
 * @param minProbability of first lines; where that is less, it is enough for others too
 * @returns the text up to the first later line that is hardly right, and no further than to where it opens nothing but the
 *   block that comes next; all of the text where there is no such place
 */
export function likelyLines(text: string, probabilities: readonly number[], minProbability: number): string {
  const least = Math.min(LATER_LINE, minProbability);
  const unlikely = probabilities.findIndex((probability, index) => index > 0 && probability < least);
  if (unlikely < 0) return text;
  const ends = [...text.matchAll(/\S.*?(?=\r?\n|$)/g)].map((line) => line.index + line[0].length);
  for (const end of ends.slice(0, unlikely).reverse()) {
    const part = text.slice(0, end).trimEnd();
    if (bracketDepth(part) === (opensBracket(part) ? 1 : 0)) return part + blanksAfter(text);
  }
  return text;
}

function likelyPart(suggestion: Suggestion, minProbability: number): Suggestion {
  const { probabilities = [] } = suggestion;
  const text = likelyLines(suggestion.text, probabilities, minProbability);
  if (text === suggestion.text) return suggestion;
  const lines = text.match(/\S.*/g)?.length;
  return { ...suggestion, text, probabilities: probabilities.slice(0, lines), endedBy: UNLIKELY_LINE };
}

/** They put what stands behind the cursor on a line of its own. */
const blanksAfter = (text: string): string => text.slice(text.trimEnd().length);

const opensBracket = (text: string): boolean => /[([{]$/.test(text);

/** Withholds what comes by itself and is hardly right. */
export class SureEnough {
  /** What was shown last, and where. */
  #shown: { readonly place: Place; readonly text: string } | undefined;

  /** Who asks by hand gets to see what there is, and what is shown stays while it is typed along. */
  judge(
    suggestion: Suggestion,
    snapshot: DocumentSnapshot,
    { trigger, length }: { readonly trigger: CompletionTrigger; readonly length: SuggestionLength },
    { minProbability }: Pick<CompleterOptions, 'minProbability'>,
  ): CompletionOutcome {
    const { probabilities = [], source } = suggestion;
    const isShown = ({ text }: Suggestion): boolean => source !== 'engine' && this.#isShown(text, snapshot);
    const show = (shown: Suggestion): Suggestion => {
      this.#shown = { place: placeOf(snapshot), text: shown.text };
      return shown;
    };
    // Its beginning stays what is compared with, so that Backspace brings back what it takes.
    if (isShown(suggestion)) return suggestion;
    if (trigger === 'explicit' || length !== 'auto') return show(suggestion);
    const likely = likelyPart(suggestion, minProbability);
    if (isShown(likely)) return likely;
    const [probability = 1] = probabilities;
    const needed = neededProbability(likely.text, minProbability);
    if (probability >= needed) return show(likely);
    return none('unsure', `${percent(probability)} likely, ${percent(needed)} needed`);
  }

  /** Whether a text is what is left of the one that was shown. */
  #isShown(text: string, snapshot: DocumentSnapshot): boolean {
    if (this.#shown === undefined) return false;
    const since = typedSince(this.#shown.place, snapshot);
    return since !== undefined && restAfterTyping(this.#shown.text, since)?.text === text;
  }
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
