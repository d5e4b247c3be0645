/** How fast models have been on this machine, remembered between sessions of the editor. */
import type { Speed } from './requestSpeeds';

/** What is used of `vscode.Memento`. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

const KEY = 'qwenCoder.speeds';

export class SpeedMemory {
  constructor(private readonly memory: Memory) {}

  /** @param model name of a model; undefined where nothing has been measured */
  of(model: string): Speed | undefined {
    const { prefill, decode } = this.#all()[model] ?? {};
    const speed = { ...known('prefill', prefill), ...known('decode', decode) };
    return Object.keys(speed).length === 0 ? undefined : speed;
  }

  /** What has been measured last counts; a part that has not been measured now stays. */
  async note(model: string, speed: Speed): Promise<void> {
    await this.memory.update(KEY, { ...this.#all(), [model]: { ...this.of(model), ...speed } });
  }

  #all(): Readonly<Record<string, Partial<Record<keyof Speed, unknown>>>> {
    const value = this.memory.get(KEY);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, Partial<Record<keyof Speed, unknown>>>)
      : {};
  }
}

const known = (name: keyof Speed, rate: unknown): Speed =>
  typeof rate === 'number' && Number.isFinite(rate) && rate > 0 ? { [name]: rate } : {};
