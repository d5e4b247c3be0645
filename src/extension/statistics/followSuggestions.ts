/**
 * Counts what becomes of suggestions. Stable interfaces tell neither what was shown nor what was rejected: returned is
 * what the editor was given, accepted what it ran the item's command for, kept what its document's changes left.
 */
import { LRUCache } from 'lru-cache';
import * as vscode from 'vscode';
import { Disposables, type DisposableLike } from '../disposables';
import type { AnsweredRequest, InlineProvider } from '../inlineProvider';
import type { CountedEvent } from './counts';
import { KEPT_AFTER_MS, TrackedText } from './keptText';

/** Run by the editor after an item has been put in. It changes nothing, so undo takes back the suggestion alone. */
const ACCEPTED_COMMAND = 'qwenCoder.suggestionAccepted';
/** Items that the editor may still hold. */
const REMEMBERED_ITEMS = 100;
/** A text that is not exactly where it was put is looked for that far before it, in UTF-16 units. */
const LOOK_BACK_UNITS = 200;

type Subject = Pick<CountedEvent, 'model' | 'language'>;

interface GivenItem extends Subject {
  readonly document: vscode.TextDocument;
  /** Where it goes and what is put in there. */
  readonly offset: number;
  readonly text: string;
}

interface Followed {
  readonly subject: Subject;
  readonly document: vscode.TextDocument;
  readonly text: TrackedText;
  readonly timer: NodeJS.Timeout;
}

export interface FollowDeps {
  readonly provider: Pick<InlineProvider, 'onAnswered'>;
  readonly count: (event: CountedEvent) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** After a suggestion has been put in. */
  readonly onAccepted?: () => void;
  readonly keptAfterMs?: number;
}

export class SuggestionFollower implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #given = new LRUCache<number, GivenItem>({ max: REMEMBERED_ITEMS });
  readonly #followed = new Set<Followed>();
  /** The suggestion that was returned last, wherever in it the cursor is by now. */
  #lastReturned = '';

  constructor(private readonly deps: FollowDeps) {
    this.#owned.add(deps.provider.onAnswered((request) => this.#returned(request)));
    this.#owned.add(vscode.commands.registerCommand(ACCEPTED_COMMAND, (id: unknown) => this.#accepted(id)));
    this.#owned.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        for (const one of this.#followed) {
          if (one.document === document) contentChanges.forEach((change) => one.text.apply(change));
        }
      }),
    );
    this.#owned.add(
      vscode.workspace.onDidCloseTextDocument((document) => {
        for (const one of this.#followed) if (one.document === document) this.#judge(one);
      }),
    );
  }

  /** What was accepted within the last seconds is not judged any more. */
  dispose(): void {
    for (const { timer } of this.#followed) clearTimeout(timer);
    this.#followed.clear();
    this.#owned.dispose();
  }

  #returned({ number, document, position, answer, item, ms, model = 'unknown' }: AnsweredRequest): void {
    if (answer.kind !== 'suggestion' || item === undefined) return;
    const text = typeof item.insertText === 'string' ? item.insertText : item.insertText.value;
    const start = item.range?.start ?? position;
    const subject = { model, language: document.languageId };
    this.#given.set(number, { ...subject, document, offset: document.offsetAt(start), text });
    item.command = { title: '', command: ACCEPTED_COMMAND, arguments: [number] };

    const line = document.lineAt(position.line).text.slice(0, position.character);
    const identity = `${document.uri.toString()}\n${position.line}\n${line}${answer.text}`;
    if (answer.source !== 'typed-along' && identity !== this.#lastReturned) {
      this.#count(subject, { kind: 'returned', ms });
    }
    this.#lastReturned = identity;
  }

  #accepted(id: unknown): void {
    const given = typeof id === 'number' ? this.#given.get(id) : undefined;
    if (given === undefined) return;
    this.#given.delete(id as number);
    const { document, offset, text, model, language } = given;
    const subject = { model, language };
    this.#count(subject, { kind: 'accepted' });
    this.deps.onAccepted?.();
    const now = document.getText();
    const at = now.startsWith(text, offset)
      ? offset
      : now.indexOf(text, Math.max(0, offset - LOOK_BACK_UNITS));
    // Formatted while it was put in: what would be compared is not known.
    if (at < 0) return;
    const followed: Followed = {
      subject,
      document,
      text: new TrackedText(text, at),
      timer: setTimeout(() => this.#judge(followed), this.deps.keptAfterMs ?? KEPT_AFTER_MS),
    };
    this.#followed.add(followed);
  }

  #judge(one: Followed): void {
    clearTimeout(one.timer);
    this.#followed.delete(one);
    this.#count(one.subject, { kind: 'judged', kept: one.text.isKept(one.document.getText()) });
  }

  #count(subject: Subject, what: CountedEvent['what']): void {
    this.deps.count({ ...subject, at: this.deps.now(), what });
  }
}
