/**
 * Which processes of one person on one machine hold a model in memory: one small file each in a shared folder. A
 * process that needs the memory asks another one through a file beside it: the other one lets go of its model, and
 * its own file goes; or it declines, and only the question goes. Files need no server, no port and no native code,
 * and what a crash leaves behind is told by the process that is no more.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from './atomicFile';
import { isProcessAlive } from './processAlive';

const SESSION_SUFFIX = '.session.json';
const ASK_SUFFIX = '.ask';

/** An entry is written again at least this often, in milliseconds, so that it is not taken for abandoned. */
const HEARTBEAT_MS = 30_000;
/** Beyond this, in milliseconds, an entry is abandoned even if its process number is in use again. */
const ABANDONED_AFTER_MS = 5 * 60_000;
/** How often an asker looks for the answer, in milliseconds. */
const ANSWER_POLL_MS = 50;

/** A model held in memory. */
export interface HeldSession {
  /** For people. */
  readonly model: string;
  /** Memory it takes, estimated. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
  /** It is working, so that asking it to go is of no use. */
  readonly busy: boolean;
}

/** Another process's. */
export interface OtherSession extends HeldSession {
  /** To be passed to `ask`. */
  readonly id: string;
  readonly pid: number;
}

export type AskAnswer = 'released' | 'declined' | 'no-answer';

export interface SessionRegistryOptions {
  /** Created on demand. */
  readonly dir: string;
  readonly pid?: number;
  /** Processes of other machines and containers that share the folder are neither seen nor cleaned up after. */
  readonly host?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly isAlive?: (pid: number) => boolean;
}

interface Entry extends HeldSession {
  readonly pid: number;
  readonly host: string;
  /** When it was written; milliseconds since 1970. */
  readonly seenAt: number;
}

export class SessionRegistry {
  readonly #dir: string;
  readonly #pid: number;
  readonly #host: string;
  readonly #now: () => number;
  readonly #isAlive: (pid: number) => boolean;
  readonly #id: string;
  #written: Entry | undefined;

  constructor(options: SessionRegistryOptions) {
    this.#dir = options.dir;
    this.#pid = options.pid ?? process.pid;
    this.#host = options.host ?? hostname();
    this.#now = options.now ?? Date.now;
    this.#isAlive = options.isAlive ?? isProcessAlive;
    this.#id = `${this.#pid}-${randomUUID().slice(0, 8)}`;
  }

  /**
   * Says what this process holds. Cheap where nothing has changed: the file is written again only from time to time.
   * @throws the system's error
   */
  async hold(session: HeldSession): Promise<void> {
    const before = this.#written;
    const seenAt = this.#now();
    const same =
      before !== undefined &&
      seenAt - before.seenAt < HEARTBEAT_MS &&
      before.model === session.model &&
      before.bytes === session.bytes &&
      before.lastUsed === session.lastUsed &&
      before.busy === session.busy;
    if (same) return;
    const entry: Entry = { ...session, pid: this.#pid, host: this.#host, seenAt };
    await mkdir(this.#dir, { recursive: true });
    await writeFileAtomically(this.#sessionFile(this.#id), JSON.stringify(entry));
    this.#written = entry;
  }

  /** Says that this process holds nothing any more; answers a question that is open. Never throws. */
  async letGo(): Promise<void> {
    this.#written = undefined;
    // In this order: an asker that finds both gone knows that the memory is free.
    await removeQuietly(this.#sessionFile(this.#id));
    await removeQuietly(this.#askFile(this.#id));
  }

  /** Whether another process wants this one to let go. */
  async isAsked(): Promise<boolean> {
    return exists(this.#askFile(this.#id));
  }

  /** Answers that this process keeps what it holds. Never throws. */
  async decline(): Promise<void> {
    await removeQuietly(this.#askFile(this.#id));
  }

  /** What other processes hold, the least recently used first. Removes what dead processes left. Never throws. */
  async others(): Promise<OtherSession[]> {
    const names = await readdir(this.#dir).catch(() => []);
    const found: OtherSession[] = [];
    for (const name of names) {
      if (!name.endsWith(SESSION_SUFFIX)) {
        await this.#sweep(name);
        continue;
      }
      const id = name.slice(0, -SESSION_SUFFIX.length);
      if (id === this.#id) continue;
      const entry = await readEntry(join(this.#dir, name));
      if (entry === undefined) {
        await this.#sweep(name);
      } else if (entry.host === this.#host) {
        const { pid, model, bytes, lastUsed, busy } = entry;
        const abandoned = this.#now() - entry.seenAt > ABANDONED_AFTER_MS;
        if (abandoned || !this.#isAlive(pid)) await this.#removeEntry(id);
        else found.push({ id, pid, model, bytes, lastUsed, busy });
      }
    }
    return found.sort((a, b) => a.lastUsed - b.lastUsed);
  }

  /**
   * Asks another process to let go of what it holds, and waits for the answer.
   *
   * @param limitMs how long to wait, in milliseconds
   * @throws the system's error
   */
  async ask(id: string, limitMs: number, signal?: AbortSignal): Promise<AskAnswer> {
    const question = this.#askFile(id);
    await writeFile(question, '');
    const limit = performance.now() + limitMs;
    for (;;) {
      // The question before the session: it goes last, so that a session found then has declined.
      const open = await exists(question);
      const entry = await readEntry(this.#sessionFile(id));
      if (entry === undefined || !this.#isAlive(entry.pid)) {
        await this.#removeEntry(id);
        return 'released';
      }
      if (!open) return 'declined';
      if (performance.now() >= limit || signal?.aborted === true) {
        await removeQuietly(question);
        return 'no-answer';
      }
      await new Promise((resolve) => setTimeout(resolve, ANSWER_POLL_MS));
    }
  }

  /** Removes a half-written file, or a question to nobody, that is too old to be anybody's. */
  async #sweep(name: string): Promise<void> {
    const path = join(this.#dir, name);
    const written = await stat(path).then(
      (found) => found.mtimeMs,
      () => undefined,
    );
    if (written !== undefined && this.#now() - written > ABANDONED_AFTER_MS) await removeQuietly(path);
  }

  async #removeEntry(id: string): Promise<void> {
    await removeQuietly(this.#sessionFile(id));
    await removeQuietly(this.#askFile(id));
  }

  #sessionFile(id: string): string {
    return join(this.#dir, `${id}${SESSION_SUFFIX}`);
  }

  #askFile(id: string): string {
    return join(this.#dir, `${id}${ASK_SUFFIX}`);
  }
}

/** Undefined where there is none, or none that can be read: others' files are never trusted. */
async function readEntry(path: string): Promise<Entry | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<Entry> | null;
    const { pid, bytes, lastUsed, seenAt } = value ?? {};
    const numbers = [pid, bytes, lastUsed, seenAt].every((number) => Number.isFinite(number));
    return numbers &&
      Number.isSafeInteger(pid) &&
      Number(pid) > 0 &&
      typeof value?.model === 'string' &&
      typeof value.host === 'string' &&
      typeof value.busy === 'boolean'
      ? (value as Entry)
      : undefined;
  } catch {
    return undefined;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const removeQuietly = (path: string): Promise<void> => rm(path, { force: true }).catch(() => undefined);
