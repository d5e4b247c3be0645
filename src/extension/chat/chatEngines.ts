/** Which engine answers chat: the one of completion, or one of its own where another model is chosen for it. */
import type { Engine } from '../../inference/engine';
import { EngineError } from '../../inference/errors';
import type { DisposableLike } from '../disposables';
import { Disposables } from '../disposables';
import type { EngineParts } from '../engineParts';
import type { EngineService, ServiceStatus } from '../engineService';
import { Listeners } from '../listeners';
import { needsOtherEngine } from '../modelPlan';
import { chatSettings, type SettingValues } from '../settingValues';

export interface ChatEnginesDeps {
  readonly settings: { readonly values: SettingValues; readonly onChange: Settings['onChange'] };
  readonly completion: EngineService;
  /** Makes the parts of a second engine, which loads what `chatSettings` says. */
  readonly makeOwn: () => EngineParts;
}

interface Settings {
  readonly onChange: (
    listener: (change: { before: SettingValues; after: SettingValues }) => void,
  ) => DisposableLike;
}

export class ChatEngines implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #changed = this.#owned.add(new Listeners<void>());
  #own: EngineParts | undefined;
  #release: (() => void) | undefined;

  /** Calls back when the engine's status changes, or another one answers. */
  readonly onChange = this.#changed.listen;

  constructor(private readonly deps: ChatEnginesDeps) {
    const { completion, settings } = deps;
    this.#owned.add(
      completion.onStatus((status) => {
        this.#giveWay(status);
        this.#changed.fire();
      }),
    );
    this.#owned.add(settings.onChange(({ before, after }) => this.#follow(before, after)));
  }

  /** The engine that answers chat now. */
  get service(): EngineService {
    const own = chatSettings(this.deps.settings.values);
    return own === undefined ? this.deps.completion : this.#ownParts().engines;
  }

  /**
   * The engine, loaded, and kept until `done` is called.
   * @throws EngineError `aborted` when the signal is, others when it cannot be loaded
   */
  async use(signal: AbortSignal): Promise<{ readonly engine: Engine; readonly done: () => void }> {
    const { service } = this;
    const done = service.use();
    try {
      const engine = await Promise.race([service.ready(), untilAborted(signal)]);
      if (service !== this.deps.completion) this.#giveWay(this.deps.completion.status);
      return { engine, done };
    } catch (error) {
      done();
      throw error;
    }
  }

  dispose(): void {
    this.#owned.dispose();
    this.#release?.();
  }

  /** Ends the second engine, if there is one. */
  async close(): Promise<void> {
    await this.#own?.close();
  }

  #ownParts(): EngineParts {
    if (this.#own === undefined) {
      this.#own = this.deps.makeOwn();
      this.#owned.add(this.#own.engines.onStatus(() => this.#changed.fire()));
    }
    return this.#own;
  }

  /** Two engines share the processor: the second one waits while the first serves the person's typing. */
  #giveWay({ state }: ServiceStatus): void {
    const engine = this.#own?.engines.loaded;
    if (state !== 'working') {
      this.#release?.();
      this.#release = undefined;
    } else if (engine !== undefined) {
      this.#release ??= engine.hold?.();
    }
  }

  #follow(before: SettingValues, after: SettingValues): void {
    const former = chatSettings(before);
    const now = chatSettings(after);
    if (this.#own !== undefined && former !== undefined) {
      if (now === undefined) this.#own.engines.reload('chat uses the model of suggestions');
      else if (needsOtherEngine(former, now)) this.#own.engines.reload('settings of chat');
    }
    this.#changed.fire();
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new EngineError('aborted', 'The question was withdrawn.'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
