/** llama.vscode as a replay types to it; `settings.ts` says what it is an imitation of. */
import type { Clock } from '../../../../../src/completion/clock';
import type { DocumentSnapshot } from '../../../../../src/completion/snapshot';
import type { Assistant, AssistantCost, Offered, VisitedFile } from '../assistant';
import { completionBody, contextBody, cursorPlace, type CursorPlace, type InfillTexts } from './requests';
import { ChunkRing } from './ring';
import { LLAMA_VSCODE } from './settings';
import { RememberedSuggestions, shownText, withoutBlankEnd, withoutIndent } from './suggestions';

/** One completion in the server's answer. */
export interface InfillAnswer {
  readonly content?: string;
}

/** The server; several completions come as a list. It goes on with a request whatever happens to its question. */
export interface InfillServer {
  infill(body: Readonly<Record<string, unknown>>): Promise<InfillAnswer | readonly InfillAnswer[]>;
  /** Resolves when it works on nothing. */
  idle(): Promise<void>;
  cost(): AssistantCost;
}

export interface LlamaVscodeParts {
  readonly server: InfillServer;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly time: () => number;
  /** Path of a file as the editor names it. */
  readonly filename: (uri: string) => string;
}

export class LlamaVscode implements Assistant {
  readonly name = 'llama.vscode';
  readonly #remembered = new RememberedSuggestions();
  readonly #ring: ChunkRing;
  #busy = false;
  #lastAskedAt: number;

  constructor(private readonly parts: LlamaVscodeParts) {
    this.#ring = new ChunkRing(parts.random, parts.time);
    this.#lastAskedAt = parts.clock.now();
  }

  /** Files come to the front one after the other; then nothing is asked until the ring has taken them over. */
  async open(document: DocumentSnapshot, visited: readonly VisitedFile[]): Promise<void> {
    for (const file of visited) this.show(file, 0);
    const { line } = cursorPlace(document);
    this.show(document, line);
    while (this.#ring.queued > 0) {
      await this.parts.clock.sleep(LLAMA_VSCODE.ringUpdateMs);
      await this.updateRing();
    }
  }

  /** A file comes to the front. */
  show({ uri, text }: Pick<VisitedFile, 'uri' | 'text'>, line: number): void {
    this.#ring.pickAround({ filename: this.parts.filename(uri), lines: text.split(/\r?\n/) }, line);
  }

  /** What its timer does each second. */
  async updateRing(): Promise<void> {
    const { clock, server } = this.parts;
    if (clock.now() - this.#lastAskedAt < LLAMA_VSCODE.ringQuietMs) return;
    if (this.#ring.takeOver()) await server.infill(contextBody(this.#ring.chunks));
  }

  async suggest(document: DocumentSnapshot, signal: AbortSignal): Promise<Offered | undefined> {
    const { clock } = this.parts;
    while (this.#busy) {
      await clock.sleep(LLAMA_VSCODE.pollMs);
      if (signal.aborted) return undefined;
    }
    this.#busy = true;
    this.#lastAskedAt = clock.now();
    try {
      const place = cursorPlace(document);
      if (place.lineSuffix.length > LLAMA_VSCODE.maxLineSuffix) return undefined;
      const suggestions = await this.#suggestions(place, signal);
      const [first] = suggestions;
      if (first === undefined) return undefined;
      this.#followUp(document, place, first, signal);
      return { text: withoutIndent(first, place), replaced: 0 };
    } finally {
      this.#busy = false;
    }
  }

  idle(): Promise<void> {
    return this.parts.server.idle();
  }

  cost(): AssistantCost {
    return this.parts.server.cost();
  }

  async #suggestions(place: CursorPlace, signal: AbortSignal): Promise<readonly string[]> {
    const found = this.#remembered.find(place);
    if (found === undefined && signal.aborted) return [];
    const texts = found ?? (await this.#ask(place, place.indent));
    const shown = texts.flatMap((text) => shownText(text, place) ?? []);
    if (found === undefined && shown.length > 0) this.#remembered.remember(place, shown);
    return shown;
  }

  /** Different texts of one request. */
  async #ask(texts: InfillTexts, indent: number): Promise<readonly string[]> {
    const answer = await this.parts.server.infill(completionBody(texts, this.#ring.chunks, indent));
    if (isOne(answer)) return [answer.content ?? ''];
    return [...new Set(answer.map(({ content }) => content ?? ''))];
  }

  /** Behind the answer: what would come after it is asked already, and the surroundings are picked. */
  #followUp(document: DocumentSnapshot, place: CursorPlace, first: string, signal: AbortSignal): void {
    void this.parts.clock.sleep(0).then(async () => {
      if (!signal.aborted && place.lineSuffix.trim() === '') {
        const lines = withoutBlankEnd(first);
        await this.#askAhead(place, lines);
        this.#rememberRest(place, lines);
      }
      if (!signal.aborted) {
        const { uri } = document;
        this.#ring.pickBeyond({ filename: this.parts.filename(uri), lines: place.lines }, place.line);
      }
    });
  }

  /** As if the suggestion had been taken. Of a list of answers it keeps nothing. */
  async #askAhead(place: CursorPlace, lines: readonly string[]): Promise<void> {
    const texts = behind(place, lines);
    if (this.#remembered.has(texts)) return;
    const indent = place.prompt.length - place.prompt.trimStart().length;
    const answer = await this.parts.server.infill(completionBody(texts, this.#ring.chunks, indent));
    if (isOne(answer) && answer.content !== undefined && answer.content.trim() !== '') {
      this.#remembered.remember(texts, [withoutBlankEnd(answer.content).join('\n')]);
    }
  }

  /** As if its first line had been taken. */
  #rememberRest(place: CursorPlace, [first = '', ...further]: readonly string[]): void {
    if (further.length === 0) return;
    const texts = { ...place, prefix: `${place.prefix}${place.prompt}${first}\n`, prompt: '' };
    if (!this.#remembered.has(texts)) this.#remembered.remember(texts, [further.join('\n')]);
  }
}

/** The texts around the cursor once the lines are there. */
function behind({ prefix, suffix, prompt }: InfillTexts, lines: readonly string[]): InfillTexts {
  const last = lines.at(-1) ?? '';
  if (lines.length < 2) return { prefix, suffix, prompt: prompt + last };
  const above = `${prefix}${prompt}${lines.slice(0, -1).join('\n')}`.split(/\r?\n/);
  return { prefix: `${above.slice(-LLAMA_VSCODE.prefixLines).join('\n')}\n`, suffix, prompt: last };
}

const isOne = (answer: InfillAnswer | readonly InfillAnswer[]): answer is InfillAnswer =>
  !Array.isArray(answer);
