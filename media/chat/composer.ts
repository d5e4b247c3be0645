/** The input with what goes into the next question. */
import { CONTEXT_KINDS, type ContextKind } from '../../src/assist/context/contextItem';
import type { ShownState } from '../../src/assist/chat/messages';
import { SLASH_COMMANDS } from '../../src/assist/chat/slashCommands';
import { button, element } from './elements';
import { keepDraft, loadDraft, send } from './host';
import { Suggestions, type Entry } from './suggestions';

const KIND_TEXTS: Readonly<Record<ContextKind, string>> = {
  file: 'A file of the workspace',
  selection: 'What is selected in the editor',
  symbol: 'A function, class or the like of the open file',
  problems: 'What the editor reports about the open file',
  diff: 'Changes that are not committed yet',
  workspace: 'What in the workspace fits the question',
};

export class Composer {
  readonly root = element('form', { class: 'composer', label: 'Question' });
  readonly #chips = element('div', { class: 'chips', role: 'list', label: 'Goes into the question' });
  readonly #input = element('textarea', {
    class: 'input',
    label: 'Ask about your code',
    attributes: { rows: '2', placeholder: 'Ask about your code. / for commands, @ for context' },
  });
  readonly #send = button('Ask', () => this.#ask());
  readonly #stop = button('Stop', () => send({ type: 'stop' }), 'Stop the answer');
  readonly #suggestions = new Suggestions(this.#input, (entry) => this.#choose(entry));
  #last = '';

  constructor() {
    const add = button('@', () => this.#open('@'), 'Add context');
    const row = element('div', { class: 'composer-row' }, add, this.#stop, this.#send);
    this.root.append(this.#chips, this.#suggestions.root, this.#input, row);
    this.root.addEventListener('submit', (event) => event.preventDefault());
    this.#input.value = loadDraft();
    this.#input.addEventListener('input', () => this.#edited());
    this.#input.addEventListener('keydown', (event) => this.#key(event));
  }

  update({ context, busy, turns }: ShownState): void {
    this.#last = turns.at(-1)?.question ?? '';
    this.#stop.hidden = !busy;
    this.#send.hidden = busy;
    this.showContext(context);
  }

  /** What goes into the next question. */
  showContext(context: ShownState['context']): void {
    this.#chips.hidden = context.length === 0;
    this.#chips.replaceChildren(
      ...context.map(({ label }, index) => {
        const remove = button('×', () => send({ type: 'removeContext', index }), `Leave out ${label}`);
        return element('span', { class: 'chip', role: 'listitem' }, label, remove);
      }),
    );
  }

  focus(): void {
    this.#input.focus();
  }

  #ask(): void {
    const question = this.#input.value;
    if (question.trim() === '') return;
    send({ type: 'ask', question });
    this.#input.value = '';
    this.#edited();
    this.focus();
  }

  #edited(): void {
    keepDraft(this.#input.value);
    const { value, selectionStart } = this.#input;
    const behind = value.slice(0, selectionStart);
    const command = /^\s*\/([a-z]*)$/.exec(behind)?.[1];
    const context = /(?:^|\s)@([a-z]*)$/.exec(behind)?.[1];
    if (command !== undefined) {
      const entries = SLASH_COMMANDS.filter(({ name }) => name.startsWith(command));
      this.#suggestions.show(entries.map(({ name, description }) => ({ name: `/${name}`, description })));
    } else if (context !== undefined) {
      const kinds = CONTEXT_KINDS.filter((kind) => kind.startsWith(context));
      this.#suggestions.show(kinds.map((kind) => ({ name: `@${kind}`, description: KIND_TEXTS[kind] })));
    } else {
      this.#suggestions.show([]);
    }
  }

  /** A command is written out; context becomes a chip, and what was typed of it goes. */
  #choose({ name }: Entry): void {
    const { value, selectionStart } = this.#input;
    const start = value.slice(0, selectionStart).search(/[/@][a-z]*$/);
    const rest = value.slice(selectionStart);
    const kind = CONTEXT_KINDS.find((one) => `@${one}` === name);
    const text = kind === undefined ? `${name} ` : '';
    this.#input.value = `${value.slice(0, start)}${text}${rest}`;
    this.#input.selectionEnd = start + text.length;
    if (kind !== undefined) send({ type: 'addContext', kind });
    this.#edited();
    this.focus();
  }

  /** Types a sign at the cursor, as its key would. */
  #open(sign: string): void {
    const { value, selectionStart } = this.#input;
    const before = value.slice(0, selectionStart);
    const gap = before === '' || /\s$/.test(before) ? '' : ' ';
    this.#input.value = `${before}${gap}${sign}${value.slice(selectionStart)}`;
    this.#input.selectionEnd = before.length + gap.length + 1;
    this.focus();
    this.#edited();
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing || this.#suggestions.key(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#ask();
    } else if (event.key === 'Escape' && !this.#stop.hidden) {
      send({ type: 'stop' });
    } else if (event.key === 'ArrowUp' && this.#input.value === '' && this.#last !== '') {
      event.preventDefault();
      this.#input.value = this.#last;
      keepDraft(this.#last);
    }
  }
}
