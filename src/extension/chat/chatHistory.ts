/** Keeps the conversations of a workspace in a file of the extension's storage. */
import { mkdir, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  EMPTY_HISTORY,
  readHistory,
  withConversation,
  writeHistory,
  type History,
} from '../../assist/chat/history';
import type { Conversation } from '../../assist/chat/conversation';
import { writeFileAtomically } from '../../inference/store/atomicFile';

/** Text grows word by word; the file is written when it rests. In milliseconds. */
const REST_MS = 500;

export class ChatHistory {
  #history: History = EMPTY_HISTORY;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #unwritten = false;

  /** @param log a line for the log; never text of a conversation */
  constructor(
    private readonly path: string,
    private readonly log: (line: string) => void,
  ) {}

  /** Newest first. */
  get conversations(): readonly Conversation[] {
    return this.#history.conversations;
  }

  /** The conversation that was open last. */
  get lastOpen(): Conversation | undefined {
    return this.conversations.find(({ id }) => id === this.#history.open);
  }

  /** Reads what is there. A file that cannot be read is put aside, not overwritten. Never rejects. */
  async load(): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch {
      return;
    }
    const history = readHistory(text);
    if (history !== undefined) {
      this.#history = history;
      return;
    }
    this.log('chat history: not readable, put aside');
    await rename(this.path, `${this.path}.unreadable`).catch(() => undefined);
  }

  /** Notes a conversation as it is now; it is written soon. */
  keep(conversation: Conversation): void {
    this.#history = { ...withConversation(this.#history, conversation), open: conversation.id };
    this.#writeSoon();
  }

  delete(id: string): void {
    const conversations = this.conversations.filter((one) => one.id !== id);
    this.#history = { ...this.#history, conversations };
    this.#writeSoon();
  }

  /** Resolves when everything has been written. Never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unwritten) this.#write();
    await this.#writing;
  }

  #writeSoon(): void {
    this.#unwritten = true;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#write();
    }, REST_MS);
  }

  #write(): void {
    this.#unwritten = false;
    const text = writeHistory(this.#history);
    this.#writing = this.#writing
      .then(async () => {
        await mkdir(dirname(this.path), { recursive: true });
        await writeFileAtomically(this.path, text);
      })
      .catch((error: unknown) => this.log(`chat history: not written: ${String(error)}`));
  }
}
