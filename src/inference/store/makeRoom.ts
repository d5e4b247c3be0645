/** Memory for a model that is about to be loaded, if need be from other processes that hold one and do not use it. */
import type { AskAnswer, OtherSession } from './sessionRegistry';

/**
 * Below this much available memory, in bytes, the machine begins to throw out what other programs need (on Linux
 * systemd-oomd and earlyoom act at a few percent as well), and a model that nobody uses is in the way.
 */
export const LOW_MEMORY_BYTES = 512 * 1024 * 1024;

/** Another process looks for questions once a second, and lets go within another one. In milliseconds. */
const ANSWER_LIMIT_MS = 6000;

export interface RoomDeps {
  /** Bytes; undefined where it cannot be told, and then nobody is asked. */
  readonly availableMemory: () => Promise<number | undefined>;
  readonly registry: {
    others(): Promise<readonly OtherSession[]>;
    ask(id: string, limitMs: number, signal?: AbortSignal): Promise<AskAnswer>;
  };
  readonly log: (line: string) => void;
  /** Called before the first question, since from there on it takes time. */
  readonly onAsking?: () => void;
}

/**
 * Asks idle processes to let go of their models, the least recently used first, until there is room or nobody is
 * left to ask. The model is loaded all the same: the system may have more to give than it says.
 *
 * @param needed memory that the model will take, in bytes
 * @returns whether there is room by what is known
 * @throws the system's error where a question cannot be put
 */
export async function makeRoom(needed: number, deps: RoomDeps, signal?: AbortSignal): Promise<boolean> {
  const { availableMemory, registry, log, onAsking } = deps;
  const isRoom = async (): Promise<boolean> => {
    const available = await availableMemory();
    return available === undefined || available - needed >= LOW_MEMORY_BYTES;
  };
  if (await isRoom()) return true;
  let asked = false;
  for (const other of await registry.others()) {
    if (signal?.aborted === true) return false;
    if (other.busy) continue;
    if (!asked) onAsking?.();
    asked = true;
    const answer = await registry.ask(other.id, ANSWER_LIMIT_MS, signal);
    log(`memory: process ${other.pid} was asked to release ${other.model}: ${answer}`);
    if (answer === 'released' && (await isRoom())) return true;
  }
  return false;
}
