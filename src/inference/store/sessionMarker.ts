/**
 * Marks on disk of sessions that are alive: one small file for each, written before its thread starts, removed when the
 * thread has ended. A native abort takes the whole process and nobody is left to say so; a mark whose process is gone
 * says it at the next start.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { VARIANTS, type PreviousEnd, type SessionPhase, type VariantChoice } from '../engine';
import { isProcessAlive } from './processAlive';

const FOLDER = 'session-marks';
const EXTENSION = '.mark';

/** A mark is padded to this size, so that each change overwrites all of it in one write. */
const MARK_BYTES = 1024;
const MAX_NAME_CHARACTERS = 120;

/** The same process, as seen at two times, may seem to have begun this far apart, in milliseconds. */
const CLOCK_TOLERANCE_MS = 5000;

/** Marks of other machines (a shared home folder) and unreadable ones are left alone for so long, in milliseconds. */
const FOREIGN_KEPT_MS = 30 * 24 * 60 * 60_000;

/** What a mark holds. */
interface Mark {
  readonly pid: number;
  readonly host: string;
  /** When the process began, in milliseconds since 1970: numbers of processes come again. */
  readonly processStartedAt: number;
  readonly startedAt: number;
  readonly model: string;
  readonly variant: VariantChoice;
  readonly phase: SessionPhase;
}

/** The mark of a session about to begin; belongs to the side that outlives the session's thread. */
export class SessionMarker {
  private constructor(readonly path: string) {}

  /**
   * Leaves a mark in phase `loading`.
   * @param cacheDir folder of converted graphs
   * @returns undefined where it cannot be written: a session without a mark is better than none
   */
  static async create(
    cacheDir: string,
    facts: { readonly model: string; readonly variant: VariantChoice },
  ): Promise<SessionMarker | undefined> {
    const folder = join(cacheDir, FOLDER);
    const path = join(folder, `${process.pid}-${randomUUID()}${EXTENSION}`);
    const mark: Mark = {
      pid: process.pid,
      host: hostname(),
      processStartedAt: processStartedAt(),
      startedAt: Date.now(),
      model: facts.model.slice(0, MAX_NAME_CHARACTERS),
      variant: facts.variant,
      phase: 'loading',
    };
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(path, encode(mark));
      return new SessionMarker(path);
    } catch {
      return undefined;
    }
  }

  /** The session has ended in an orderly way, or its end has been told to the person already. */
  async remove(): Promise<void> {
    await rm(this.path, { force: true }).catch(() => undefined);
  }
}

/** Keeps a mark true from inside the session's thread. Writes at once, since the next thing may be the last. */
export class SessionPhases {
  readonly #file: number | undefined;
  #mark: Mark | undefined;

  /** @param path of the mark; without one, or where it cannot be opened, nothing is written */
  constructor(path: string | undefined) {
    if (path === undefined) return;
    try {
      this.#mark = decode(readFileSync(path, 'utf8'));
      this.#file = openSync(path, 'r+');
    } catch {
      this.#mark = undefined;
    }
  }

  /** One write of a kilobyte into the system's memory: some microseconds. */
  set(changes: { readonly phase?: SessionPhase; readonly variant?: VariantChoice }): void {
    if (this.#file === undefined || this.#mark === undefined) return;
    this.#mark = { ...this.#mark, ...changes };
    try {
      writeSync(this.#file, encode(this.#mark), 0);
    } catch {
      // A full disk must not stop a session; the mark then says what was so before.
    }
  }

  close(): void {
    if (this.#file !== undefined && this.#mark !== undefined) closeSync(this.#file);
    this.#mark = undefined;
  }
}

/**
 * Takes the marks of processes that are gone. Of several programs that look at once, one gets each.
 * @returns what they tell, the latest last; empty where nothing can be read
 */
export async function takeUncleanEnds(cacheDir: string): Promise<PreviousEnd[]> {
  const folder = join(cacheDir, FOLDER);
  const names = await readdir(folder).catch(() => []);
  const ends: PreviousEnd[] = [];
  for (const name of names.filter((entry) => entry.endsWith(EXTENSION))) {
    const end = await takeIfEnded(join(folder, name)).catch(() => undefined);
    if (end !== undefined) ends.push(end);
  }
  return ends.sort((a, b) => a.at - b.at);
}

/** @throws the system's error, also when another program was first */
async function takeIfEnded(path: string): Promise<PreviousEnd | undefined> {
  const { mtimeMs } = await stat(path);
  const mark = decode(await readFile(path, 'utf8'));
  if (mark === undefined || mark.host !== hostname()) {
    if (Date.now() - mtimeMs > FOREIGN_KEPT_MS) await rm(path, { force: true });
    return undefined;
  }
  if (isAlive(mark)) return undefined;
  const taken = `${path}.${randomUUID()}.taken`;
  await rename(path, taken);
  await rm(taken, { force: true });
  const { phase, model, variant } = mark;
  return { phase, model, variant, at: mtimeMs };
}

function isAlive({ pid, processStartedAt: startedAt }: Mark): boolean {
  if (pid === process.pid) return Math.abs(startedAt - processStartedAt()) < CLOCK_TOLERANCE_MS;
  return isProcessAlive(pid);
}

const processStartedAt = (): number => Date.now() - process.uptime() * 1000;

const encode = (mark: Mark): string => JSON.stringify(mark).padEnd(MARK_BYTES);

function decode(text: string): Mark | undefined {
  try {
    const { pid, host, processStartedAt, startedAt, model, variant, phase } = JSON.parse(
      text,
    ) as Partial<Mark>;
    const isMark =
      typeof pid === 'number' &&
      typeof host === 'string' &&
      typeof processStartedAt === 'number' &&
      typeof startedAt === 'number' &&
      typeof model === 'string' &&
      (variant === 'auto' || VARIANTS.some((known) => known === variant)) &&
      (phase === 'loading' || phase === 'idle' || phase === 'running');
    if (!isMark || pid <= 0 || !Number.isInteger(pid)) return undefined;
    return { pid, host, processStartedAt, startedAt, model, variant: variant as VariantChoice, phase };
  } catch {
    return undefined;
  }
}
