/** The chat page: draws what the editor's side says, and tells it what the person does. */
import type { ShownState, ToPage } from '../../src/assist/chat/messages';
import { Composer } from './composer';
import { element } from './elements';
import { listen, send } from './host';
import { TurnView } from './turnView';

const CAUTION = 'Small models err. Check what they write.';
/** Nearer to the end than this, the view follows the answer. In pixels. */
const FOLLOW_PX = 60;

class ChatPage {
  readonly #log = element('div', { class: 'turns', role: 'log', label: 'Conversation' });
  readonly #empty = element('div', { class: 'empty' });
  readonly #status = element('div', { class: 'status' });
  /** Says the end of an answer to screen readers, not each word. */
  readonly #spoken = element('div', { class: 'spoken', attributes: { 'aria-live': 'polite' } });
  readonly #composer = new Composer();
  readonly #views = new Map<string, TurnView>();
  #busy = false;
  #conversation = '';

  constructor(root: HTMLElement) {
    this.#log.setAttribute('aria-live', 'off');
    this.#log.tabIndex = -1;
    this.#empty.append(
      element('h2', { text: 'Ask about your code' }),
      element('p', { text: 'Everything stays on this machine. Select code and ask, or begin with / or @.' }),
    );
    const caution = element('p', { class: 'caution', text: CAUTION });
    root.append(this.#empty, this.#log, this.#composer.root, caution, this.#status, this.#spoken);
    root.addEventListener('dragover', (event) => event.preventDefault());
    root.addEventListener('drop', (event) => this.#drop(event));
    listen((message) => this.#receive(message));
    send({ type: 'ready' });
  }

  #receive(message: ToPage): void {
    switch (message.type) {
      case 'state':
        return this.#show(message.state);
      case 'context':
        return this.#composer.showContext(message.context);
      case 'text':
        return this.#keepingPlace(() => this.#views.get(message.turn)?.append(message.at, message.text));
      case 'theme':
        return setColours(message.colours);
      case 'focus':
        return this.#composer.focus();
    }
  }

  #show(state: ShownState): void {
    if (state.conversation !== this.#conversation) {
      this.#conversation = state.conversation;
      this.#views.clear();
      this.#log.replaceChildren();
    }
    this.#empty.hidden = state.turns.length > 0;
    this.#keepingPlace(() => this.#showTurns(state));
    this.#composer.update(state);
    this.#status.replaceChildren(...statusParts(state));
    if (this.#busy && !state.busy) this.#spoken.textContent = 'Answer finished';
    if (!this.#busy && state.busy) this.#spoken.textContent = 'Answering';
    this.#busy = state.busy;
  }

  #showTurns({ turns, forgotten, mayWrite }: ShownState): void {
    const wanted = new Set(turns.map(({ id }) => id));
    for (const [id, view] of this.#views) {
      if (wanted.has(id)) continue;
      view.root.remove();
      this.#views.delete(id);
    }
    for (const [index, turn] of turns.entries()) {
      const view = this.#views.get(turn.id) ?? new TurnView(turn);
      this.#views.set(turn.id, view);
      view.update(turn, index + 1, index < forgotten, mayWrite);
      if (this.#log.children[index] !== view.root) {
        this.#log.insertBefore(view.root, this.#log.children[index] ?? null);
      }
    }
  }

  /** Follows the end while one looks at it, and leaves the place alone while one reads further up. */
  #keepingPlace(change: () => void): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    const atEnd = scrollHeight - scrollTop - clientHeight < FOLLOW_PX;
    change();
    if (!atEnd) return;
    // The answer is drawn in the next frame.
    requestAnimationFrame(() => requestAnimationFrame(() => (this.#log.scrollTop = this.#log.scrollHeight)));
  }

  #drop(event: DragEvent): void {
    event.preventDefault();
    const data = event.dataTransfer;
    const list = data?.getData('application/vnd.code.uri-list') || data?.getData('text/uri-list') || '';
    const uris = list.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
    if (uris.length > 0) send({ type: 'dropFiles', uris });
  }
}

function statusParts({ model, used }: ShownState): Node[] {
  const parts = [element('span', { text: model })];
  if (used !== undefined) {
    const part = Math.round((100 * used.tokens) / used.of);
    const label = `${used.tokens} of ${used.of} tokens of context used`;
    parts.push(element('span', { text: `${part} % of context`, label, attributes: { title: label } }));
  }
  return parts;
}

/** Colours of code as properties of the page, which its style sheet uses. */
function setColours(colours: Readonly<Record<string, string>>): void {
  const { style } = document.documentElement;
  for (const name of [...style]) if (name.startsWith('--code-')) style.removeProperty(name);
  for (const [kind, colour] of Object.entries(colours)) style.setProperty(`--code-${kind}`, colour);
}

const root = document.getElementById('app');
if (root !== null) new ChatPage(root);
