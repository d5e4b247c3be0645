/**
 * An engine that writes down what it generates, so that rules can be tried on the same generations again in seconds.
 *
 * One file per request, named by a hash of everything that decides the answer: a line for the request, then a line for
 * each event with its time. Nothing in here knows what an event holds.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Engine,
  EngineStatus,
  GenerateEvent,
  GenerateRequest,
  LoadedModel,
} from '../../../src/inference/engine';
import { EngineError } from '../../../src/inference/errors';
import { writeFileAtomically } from '../../../src/inference/store/atomicFile';

/** An event and when it came, in milliseconds from the request. */
export interface TimedEvent {
  readonly ms: number;
  readonly event: GenerateEvent;
}

export interface RecordedGeneration {
  readonly request: GenerateRequest;
  readonly events: readonly TimedEvent[];
}

export interface RecordingOptions {
  /** Which weights in which variant: they decide the answer as much as the prompt does. */
  readonly identity: string;
  /** Undefined keeps nothing beyond the call. */
  readonly folder?: string;
}

export class RecordedEngine implements Engine {
  #last: RecordedGeneration | undefined;
  #asked = 0;
  #replayed = 0;

  constructor(
    private readonly engine: Engine,
    private readonly options: RecordingOptions,
  ) {
    if (options.folder !== undefined) mkdirSync(options.folder, { recursive: true });
  }

  get capabilities(): Engine['capabilities'] {
    return this.engine.capabilities;
  }

  get status(): EngineStatus {
    return this.engine.status;
  }

  /** The newest generation as a whole, also what nobody waited for. */
  get last(): RecordedGeneration | undefined {
    return this.#last;
  }

  /** Requests that went to the engine, and those that were answered from the recording. */
  get counts(): { readonly asked: number; readonly replayed: number } {
    return { asked: this.#asked, replayed: this.#replayed };
  }

  onStatus(listener: (status: EngineStatus) => void): () => void {
    return this.engine.onStatus(listener);
  }

  start(): Promise<LoadedModel> {
    return this.engine.start();
  }

  /**
   * Answers from the recording, or has the engine generate to its own end first, whatever the caller will want of it:
   * another rule may want more. A generation that is aborted is not recorded.
   */
  async *generate(request: GenerateRequest, signal?: AbortSignal): AsyncGenerator<GenerateEvent> {
    const file =
      this.options.folder === undefined
        ? undefined
        : join(this.options.folder, `${recordingKey(request, this.options.identity)}.jsonl`);
    let recorded = file === undefined ? undefined : await readRecording(file);
    if (recorded === undefined) {
      this.#asked++;
      recorded = { request, events: await collect(this.engine, request, signal) };
      if (file !== undefined)
        await writeFileAtomically(file, encodeRecording(recorded, this.options.identity));
    } else {
      this.#replayed++;
    }
    this.#last = recorded;
    for (const { event } of recorded.events) {
      if (signal?.aborted === true) throw new EngineError('aborted', 'The request was withdrawn.');
      yield event;
    }
  }

  dispose(): Promise<void> {
    return this.engine.dispose();
  }
}

/** All text of a generation. */
export const textOf = ({ events }: RecordedGeneration): string =>
  events.map(({ event }) => (event.type === 'text' ? event.text : '')).join('');

/** The same for requests that mean the same, in whatever order their fields were written. */
export function recordingKey(request: GenerateRequest, identity: string): string {
  return createHash('sha256')
    .update(JSON.stringify([identity, request], sortedFields))
    .digest('hex');
}

async function collect(
  engine: Engine,
  request: GenerateRequest,
  signal: AbortSignal | undefined,
): Promise<TimedEvent[]> {
  const start = performance.now();
  const events: TimedEvent[] = [];
  for await (const event of engine.generate(request, signal)) {
    events.push({ ms: Math.round((performance.now() - start) * 100) / 100, event });
  }
  return events;
}

function encodeRecording({ request, events }: RecordedGeneration, identity: string): string {
  return [{ identity, request }, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');
}

async function readRecording(file: string): Promise<RecordedGeneration | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const { request } = JSON.parse(head) as { readonly request: GenerateRequest };
  return { request, events: lines.map((line) => JSON.parse(line) as TimedEvent) };
}

function sortedFields(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
