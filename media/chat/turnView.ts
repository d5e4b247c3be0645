/** One question with its answer on the page. */
import type { ShownTurn } from '../../src/assist/chat/messages';
import { decorateCode, decorateLinks } from './answerParts';
import { button, element } from './elements';
import { send } from './host';
import { renderMarkdown } from './markdown';

export class TurnView {
  readonly root = element('article', { class: 'turn' });
  readonly #question = element('div', { class: 'question' });
  readonly #answer = element('div', { class: 'answer' });
  readonly #notes = element('div', { class: 'notes' });
  readonly #actions = element('div', { class: 'turn-actions' });
  #turn: ShownTurn;
  #text = '';
  #drawing = false;
  #mayWrite = true;

  constructor(turn: ShownTurn) {
    this.#turn = turn;
    this.root.append(this.#question, this.#answer, this.#notes, this.#actions);
    this.root.dataset['id'] = turn.id;
  }

  /** Shows a turn as it is now. */
  update(turn: ShownTurn, number: number, forgotten: boolean, mayWrite: boolean): void {
    this.#turn = turn;
    this.#mayWrite = mayWrite;
    this.root.setAttribute('aria-label', `Question ${number}: ${turn.question}`);
    this.root.classList.toggle('forgotten', forgotten);
    this.root.dataset['state'] = turn.state;
    this.#question.replaceChildren(
      ...turn.context.map(({ label }) => element('span', { class: 'chip', text: label })),
      element('p', { text: turn.question }),
    );
    const notes = forgotten ? [...turn.notes, FORGOTTEN] : turn.notes;
    this.#notes.replaceChildren(...notes.map((text) => element('p', { class: 'note', text })));
    this.#drawActions();
    if (turn.answer !== this.#text || this.#answer.childNodes.length === 0) this.#setText(turn.answer);
    this.root.setAttribute('aria-busy', String(isRunning(turn)));
  }

  /** More of the answer, behind the `at` units that are there. */
  append(at: number, text: string): void {
    if (at > this.#text.length) return;
    this.#setText(this.#text.slice(0, at) + text);
  }

  #setText(text: string): void {
    this.#text = text;
    if (this.#drawing) return;
    // One drawing for all that comes within a frame.
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  #draw(): void {
    const running = isRunning(this.#turn);
    const answer = renderMarkdown(this.#text);
    decorateLinks(answer);
    decorateCode(answer, { finished: !running, mayWrite: this.#mayWrite });
    if (this.#text === '' && running) answer.append(element('p', { class: 'waiting', text: 'Reading…' }));
    this.#answer.replaceChildren(answer);
  }

  #drawActions(): void {
    const { id, state, stats, question } = this.#turn;
    if (isRunning(this.#turn)) {
      this.#actions.replaceChildren();
      return;
    }
    const shown: (Node | string)[] = [
      button('Retry', () => send({ type: 'retry', turn: id }), 'Ask this question again'),
      button('Edit', () => this.#edit(question), 'Change this question and ask again'),
      button('Delete', () => send({ type: 'deleteTurn', turn: id }), 'Delete this question and its answer'),
    ];
    if (state === 'failed') {
      shown.push(
        button('Models', () => send({ type: 'command', command: 'models' }), 'Show the models'),
        button('Log', () => send({ type: 'command', command: 'log' }), 'Show the log'),
      );
    }
    if (stats?.tokensPerSecond !== undefined) {
      shown.push(element('span', { class: 'stats', text: `${stats.tokensPerSecond.toFixed(0)} tokens/s` }));
    }
    this.#actions.replaceChildren(...shown);
    if (this.#text !== '') this.#draw();
  }

  /** Puts an input in the question's place. */
  #edit(question: string): void {
    const input = element('textarea', { class: 'input', label: 'Changed question' });
    input.value = question;
    const close = (): void => {
      this.#question.replaceChildren(element('p', { text: question }));
      this.#actions.querySelector('button')?.focus();
    };
    const ask = (): void => {
      if (input.value.trim() !== '') send({ type: 'edit', turn: this.#turn.id, question: input.value });
    };
    input.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') close();
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      ask();
    });
    this.#question.replaceChildren(input, button('Ask', ask), button('Cancel', close));
    input.focus();
  }
}

const FORGOTTEN = 'The model no longer gets this part: the conversation has become too long for its context.';

const isRunning = ({ state }: ShownTurn): boolean => state === 'waiting' || state === 'writing';
