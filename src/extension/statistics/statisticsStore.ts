/**
 * The counts on disk. Each window adds what it has counted to what is there, under a lock, so that several windows
 * lose nothing of each other's.
 */
import { readFile, stat } from 'node:fs/promises';
import { writeFileAtomically } from '../../inference/store/atomicFile';
import { withLock } from '../../inference/store/interProcessLock';
import {
  addStatistics,
  emptyStatistics,
  readStatistics,
  statisticsOf,
  type CountedEvent,
  type Statistics,
} from './counts';

/** How long counts wait for others before they are written, in milliseconds. */
const SETTLE_MS = 5000;
/** No statistics of ours: the limits on rows and days keep them far below. In bytes. */
const MAX_FILE_BYTES = 1_000_000;

export interface StatisticsStoreDeps {
  /** Absolute path; its folder is made. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (line: string) => void;
}

export class StatisticsStore {
  /** Counted, but not yet written. */
  #unwritten: Statistics | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** One write after the other. */
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly deps: StatisticsStoreDeps) {}

  count(event: CountedEvent): void {
    const one = statisticsOf(event);
    this.#unwritten = this.#unwritten === undefined ? one : addStatistics(this.#unwritten, one);
    this.#timer ??= setTimeout(() => void this.flush(), SETTLE_MS);
  }

  /** All that all windows have counted, what this one has not written yet included. */
  async current(): Promise<Statistics> {
    await this.flush();
    const stored = await this.#read();
    return this.#unwritten === undefined ? stored : addStatistics(stored, this.#unwritten);
  }

  /** Forgets everything. @throws EngineError */
  async reset(): Promise<void> {
    this.#unwritten = undefined;
    await this.#exclusively(async () => this.#write(emptyStatistics(this.deps.now())));
  }

  /** Writes what is counted. Never rejects: what cannot be written is kept and tried again with the next count. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(async () => {
      const added = this.#unwritten;
      if (added === undefined) return;
      this.#unwritten = undefined;
      try {
        await this.#exclusively(async () => this.#write(addStatistics(await this.#read(), added)));
      } catch (error) {
        this.#unwritten = this.#unwritten === undefined ? added : addStatistics(added, this.#unwritten);
        this.deps.log(`statistics: not written, ${String(error)}`);
      }
    });
    return this.#writing;
  }

  #exclusively(action: () => Promise<void>): Promise<void> {
    return withLock(this.deps.file, {}, action);
  }

  /** Counts that cannot be read begin anew: they are worth less than a way to repair them. */
  async #read(): Promise<Statistics> {
    const { file, now, log } = this.deps;
    try {
      if ((await stat(file)).size <= MAX_FILE_BYTES) {
        const found = readStatistics(JSON.parse(await readFile(file, 'utf8')));
        if (found !== undefined) return found;
      }
      log('statistics: the file has other content and is written anew');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
        log(`statistics: not read, ${String(error)}`);
      }
    }
    return emptyStatistics(now());
  }

  #write(value: Statistics): Promise<void> {
    return writeFileAtomically(this.deps.file, `${JSON.stringify(value)}\n`);
  }
}
