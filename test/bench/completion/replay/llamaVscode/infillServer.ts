/** The native `llama-server`, started as llama.vscode's instructions for processors alone say. */
import {
  startLlamaServer,
  type CompletionTimings,
  type LlamaServer,
} from '../../../../../scripts/lib/llamaServer.mjs';
import type { AssistantCost } from '../assistant';
import type { ReplayClock } from '../replayClock';
import type { InfillAnswer, InfillServer } from './llamaVscode';

/** Batches of 1024 tokens and reuse of moved pieces of the cache, as recommended for 0.5B; the rest is the server's default. */
const RECOMMENDED = ['-ub', '1024', '-b', '1024', '--cache-reuse', '256'];

interface TimedAnswer extends InfillAnswer {
  readonly timings?: CompletionTimings;
}

export interface LlamaServerOptions {
  readonly program: string;
  readonly modelPath: string;
  readonly threads: number;
}

export class NativeInfillServer implements InfillServer {
  #requests = 0;
  #evaluated = 0;
  #generated = 0;
  readonly #underWay = new Set<Promise<unknown>>();

  private constructor(
    private readonly server: LlamaServer,
    private readonly clock: ReplayClock,
  ) {}

  static async start(options: LlamaServerOptions, clock: ReplayClock): Promise<NativeInfillServer> {
    // A context of 0 tokens is the model's own.
    const server = await startLlamaServer({ ...options, contextTokens: 0, arguments: RECOMMENDED });
    return new NativeInfillServer(server, clock);
  }

  /** @throws Error with the server's answer when it refuses */
  infill(body: Readonly<Record<string, unknown>>): Promise<InfillAnswer | readonly InfillAnswer[]> {
    const release = this.clock.hold();
    const answer = this.#post(body).finally(() => {
      this.#underWay.delete(answer);
      release();
    });
    this.#underWay.add(answer);
    return answer;
  }

  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  cost(): AssistantCost {
    return { requests: this.#requests, evaluatedTokens: this.#evaluated, generatedTokens: this.#generated };
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  async #post(body: Readonly<Record<string, unknown>>): Promise<TimedAnswer | readonly TimedAnswer[]> {
    this.#requests++;
    const response = await fetch(`${this.server.address}/infill`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`llama-server answered ${response.status}: ${await response.text()}`);
    const answer = (await response.json()) as TimedAnswer | readonly TimedAnswer[];
    const all = ([answer].flat() as readonly TimedAnswer[]).map(({ timings }) => timings);
    // Several completions of one request each tell the prompt that was evaluated once for all of them.
    this.#evaluated += Math.max(0, ...all.map((timings) => timings?.prompt_n ?? 0));
    for (const timings of all) this.#generated += timings?.predicted_n ?? 0;
    return answer;
  }
}
