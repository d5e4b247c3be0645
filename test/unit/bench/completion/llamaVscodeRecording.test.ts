import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../../../src/completion/clock';
import type { Offered } from '../../../bench/completion/replay/assistant';
import {
  LlamaVscode,
  type InfillAnswer,
  type InfillServer,
} from '../../../bench/completion/replay/llamaVscode/llamaVscode';
import { LLAMA_VSCODE } from '../../../bench/completion/replay/llamaVscode/settings';

type Body = Readonly<Record<string, unknown>>;

interface RecordedRequest {
  readonly body: Body;
  readonly answer: InfillAnswer | readonly InfillAnswer[];
}

type Step = { readonly requests: readonly RecordedRequest[] } & (
  | { readonly do: 'open'; readonly file: string }
  | { readonly do: 'place'; readonly line: number; readonly column: number }
  | { readonly do: 'key'; readonly key: string; readonly ghost: string }
  | { readonly do: 'quiet' }
);

interface Recording {
  readonly version: string;
  readonly files: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** Turns of the event loop in which it asks what would come after a suggestion. */
const TURNS = 20;

describe('llama.vscode, imitated: beside a recording of the real one', () => {
  const recording = JSON.parse(readFileSync('test/fixtures/llamaVscode/recording.json', 'utf8')) as Recording;

  it('is an imitation of the recorded version', () => {
    assert.equal(LLAMA_VSCODE.version, recording.version);
  });

  it('sends the same requests at the same keys, with the same context, and shows the same', async () => {
    const typed = new Typed(recording);
    let keys = 0;
    for (const [at, step] of recording.steps.entries()) {
      const { ghost, sent } = await typed.play(step);
      if (step.do !== 'key') continue;
      keys++;
      const where = `step ${at + 1}, ${step.key}`;
      assert.deepEqual(sent.filter(isCompletion), step.requests.map(bodyOf).filter(isCompletion), where);
      assert.equal(ghost?.text ?? '', step.ghost, where);
    }
    assert.ok(keys > 0);
    const recorded = recording.steps.flatMap(({ requests }) => requests.map(bodyOf));
    assert.deepEqual(
      typed.sent.filter((body) => !isCompletion(body)),
      recorded.filter((body) => !isCompletion(body)),
    );
  });
});

/** The steps, played to the imitation. */
class Typed {
  readonly sent: Body[] = [];
  readonly #texts: Map<string, string>;
  readonly #imitation: LlamaVscode;
  #now = 0;
  #file = '';
  #offset = 0;
  #ghost: Offered | undefined;

  constructor(private readonly recording: Recording) {
    this.#texts = new Map(Object.entries(recording.files));
    const clock: Clock = {
      now: () => this.#now,
      sleep: (ms) => {
        this.#now += ms;
        return Promise.resolve();
      },
    };
    const server: InfillServer = {
      infill: (body) => Promise.resolve(this.#answer(withoutTimes(body))),
      idle: () => Promise.resolve(),
      cost: () => ({ requests: 0, evaluatedTokens: 0, generatedTokens: 0 }),
    };
    this.#imitation = new LlamaVscode({
      ...{ server, clock, time: () => 0, filename: (uri) => uri },
      random: () => assert.fail('no piece of the recording is so long that a part of it is drawn'),
    });
  }

  async play(step: Step): Promise<{ ghost: Offered | undefined; sent: readonly Body[] }> {
    const before = this.sent.length;
    switch (step.do) {
      case 'open':
        this.#open(step.file);
        if (before === 0) this.#showSettings();
        await this.#quiet();
        break;
      case 'place':
        this.#offset = offsetAt(this.#text, step.line, step.column);
        break;
      case 'key':
        this.#press(step.key);
        this.#ghost = await this.#imitation.suggest(this.#snapshot(), new AbortController().signal);
        for (let turns = 0; turns < TURNS; turns++) await turn();
        break;
      case 'quiet':
        await this.#quiet();
    }
    return { ghost: this.#ghost, sent: this.sent.slice(before) };
  }

  get #text(): string {
    return this.#texts.get(this.#file) ?? '';
  }

  #snapshot() {
    return {
      uri: nameOf(this.#file),
      languageId: 'python',
      version: 1,
      text: this.#text,
      offset: this.#offset,
    };
  }

  #open(file: string): void {
    this.#file = file;
    this.#offset = 0;
    this.#imitation.show({ uri: nameOf(file), text: this.#text }, 0);
  }

  /** At its start the real one writes into the editor's settings, and takes up what is saved. */
  #showSettings(): void {
    const isSettings = ({ filename }: Chunk): boolean => filename === '/settings.json';
    const all = this.recording.steps.flatMap(({ requests }) => requests.flatMap(({ body }) => extraOf(body)));
    const settings = all.find(isSettings);
    assert.ok(settings);
    this.#imitation.show({ uri: settings.filename, text: settings.text.replace(/\n$/, '') }, 0);
  }

  /** The context is taken over while nobody types. */
  async #quiet(): Promise<void> {
    let before: number;
    do {
      before = this.sent.length;
      this.#now += LLAMA_VSCODE.ringQuietMs;
      await this.#imitation.updateRing();
    } while (this.sent.length > before);
  }

  #press(key: string): void {
    const text = key === 'Enter' ? '\n' : key === 'Tab' ? (this.#ghost?.text ?? '\t') : key;
    const { [0]: before, [1]: after } = [this.#text.slice(0, this.#offset), this.#text.slice(this.#offset)];
    this.#texts.set(this.#file, before + text + after);
    this.#offset += text.length;
  }

  #answer(body: Body): InfillAnswer | readonly InfillAnswer[] {
    this.sent.push(body);
    const place = ({ input_prefix, prompt, n_predict }: Body): string =>
      JSON.stringify([input_prefix, prompt, n_predict]);
    const requests = this.recording.steps.flatMap((step) => step.requests);
    const same = requests.find((request) => place(request.body) === place(body));
    assert.ok(same, `the real one did not ask this: ${JSON.stringify(body)}`);
    return same.answer;
  }
}

interface Chunk {
  readonly text: string;
  readonly filename: string;
}

const nameOf = (file: string): string => `/project/${file}`;
const extraOf = (body: Body): readonly Chunk[] => body['input_extra'] as readonly Chunk[];
const isCompletion = (body: Body): boolean => body['n_predict'] !== 0;

/** Without the model of its default environment, which this server does not read, and without times. */
function bodyOf({ body }: RecordedRequest): Body {
  const entries = Object.entries(body).filter(([name]) => name !== 'model');
  return withoutTimes(Object.fromEntries(entries));
}

function withoutTimes(body: Body): Body {
  return { ...body, input_extra: extraOf(body).map(({ text, filename }) => ({ text, filename })) };
}

function offsetAt(text: string, line: number, column: number): number {
  const above = text.split('\n').slice(0, line);
  return above.reduce((sum, { length }) => sum + length + 1, 0) + column;
}
