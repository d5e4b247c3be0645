/** A list over the input that the keyboard moves through while the focus stays where one types. */
import { element } from './elements';

export interface Entry {
  readonly name: string;
  readonly description: string;
}

export class Suggestions {
  readonly root = element('ul', { class: 'suggestions', role: 'listbox', label: 'Suggestions' });
  #entries: readonly Entry[] = [];
  #active = 0;

  /** @param input gets the attributes that tell a screen reader of the list */
  constructor(
    private readonly input: HTMLElement,
    private readonly onChosen: (entry: Entry) => void,
  ) {
    this.root.id = 'suggestions';
    input.setAttribute('aria-controls', this.root.id);
    input.setAttribute('aria-autocomplete', 'list');
    this.show([]);
  }

  show(entries: readonly Entry[]): void {
    this.#entries = entries;
    this.#active = 0;
    this.root.hidden = entries.length === 0;
    this.#draw();
  }

  /** @returns whether the key was meant for the list */
  key(event: KeyboardEvent): boolean {
    const count = this.#entries.length;
    if (count === 0) return false;
    const step = { ArrowDown: 1, ArrowUp: count - 1 }[event.key];
    const chosen = this.#entries[this.#active];
    if (step !== undefined) this.#active = (this.#active + step) % count;
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen !== undefined) this.onChosen(chosen);
    else if (event.key === 'Escape') this.show([]);
    else return false;
    event.preventDefault();
    this.#draw();
    return true;
  }

  #draw(): void {
    this.root.replaceChildren(
      ...this.#entries.map((entry, index) => {
        const active = index === this.#active;
        const item = element(
          'li',
          { role: 'option', attributes: { 'aria-selected': String(active) } },
          element('span', { class: 'name', text: entry.name }),
          element('span', { class: 'description', text: entry.description }),
        );
        item.id = `suggestion-${index}`;
        // The mouse must not take the focus away from the input.
        item.addEventListener('mousedown', (event) => {
          event.preventDefault();
          this.onChosen(entry);
        });
        return item;
      }),
    );
    const shown = this.#entries.length > 0;
    if (shown) this.input.setAttribute('aria-activedescendant', `suggestion-${this.#active}`);
    else this.input.removeAttribute('aria-activedescendant');
  }
}
