/** What goes into the next question: what the person has put in, and what is selected in the editor. */
import type { TurnContext } from '../../assist/chat/conversation';
import type { ContextItem, ContextKind } from '../../assist/context/contextItem';
import { Listeners } from '../listeners';

/** Something that can be read when a question is asked. */
export interface ContextSource extends TurnContext {
  /** Two sources with the same key are the same. */
  readonly key: string;
  /** @param question what is asked, for sources that search by it */
  readonly read: (question: string) => Promise<readonly ContextItem[]>;
}

export class ChatContext {
  #chosen: readonly ContextSource[] = [];
  #selection: ContextSource | undefined;
  /** The selection that the person does not want in. */
  #refused: string | undefined;
  readonly #changed = new Listeners<void>();

  readonly onChange = this.#changed.listen;

  /** What would go in now. */
  get sources(): readonly ContextSource[] {
    const selection = this.#selection;
    const wanted = selection !== undefined && selection.key !== this.#refused;
    const known = this.#chosen.some(({ key }) => key === selection?.key);
    return wanted && !known ? [...this.#chosen, selection] : this.#chosen;
  }

  add(source: ContextSource): void {
    if (this.#chosen.some(({ key }) => key === source.key)) return;
    this.#chosen = [...this.#chosen, source];
    this.#changed.fire();
  }

  /** Takes out what stands at an index of `sources`. */
  remove(index: number): void {
    const source = this.sources[index];
    if (source === undefined) return;
    if (source === this.#selection) this.#refused = source.key;
    this.#chosen = this.#chosen.filter(({ key }) => key !== source.key);
    this.#changed.fire();
  }

  /** The editor's selection; undefined where nothing is selected. */
  select(selection: ContextSource | undefined): void {
    if (selection?.key === this.#selection?.key) return;
    this.#selection = selection;
    this.#refused = undefined;
    this.#changed.fire();
  }

  /** Gives what goes into a question, and begins anew for the next. */
  take(): readonly ContextSource[] {
    const { sources } = this;
    this.#chosen = [];
    this.#changed.fire();
    return sources;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

/** Where a command of the question names kinds of context and none was put in, the first kind that there is. */
export async function contextOrDefault(
  sources: readonly ContextSource[],
  kinds: readonly ContextKind[],
  find: (kind: ContextKind) => Promise<ContextSource | undefined>,
): Promise<readonly ContextSource[]> {
  if (sources.length > 0) return sources;
  for (const kind of kinds) {
    const found = await find(kind);
    if (found !== undefined) return [found];
  }
  return [];
}
