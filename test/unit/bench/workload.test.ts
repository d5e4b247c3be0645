import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fimRequest } from '../../../src/completion/fimPrompt';
import type { Tokenizer } from '../../../src/inference/tokenizer/tokenizer';
import { ConversationLog, type RecordedConversation } from '../../bench/workload/conversationLog';
import { replayConversation } from '../../bench/workload/replayConversation';
import { madeUpRequests } from '../../bench/workload/replayRequests';
import { RequestLog, type RecordedRequest, type RecordedSequence } from '../../bench/workload/requestLog';

/** A token for each character. */
const characters = {
  encode: (text: string) => [...text].map((character) => character.charCodeAt(0)),
  encodePrompt: (prompt: readonly { text: string }[]) =>
    prompt.flatMap(({ text }) => [...text].map((character) => character.charCodeAt(0))),
  decode: (ids: readonly number[]) => String.fromCharCode(...ids),
} as unknown as Tokenizer;

const FIXTURE = 'test/fixtures/workload/completion.json';
const CONVERSATIONS = 'test/fixtures/workload/chat.json';

describe('requests as the editor makes them', () => {
  it('are kept as lengths, and what each shares with the one before in its document', () => {
    const log = new RequestLog(characters);
    log.note(fimRequest('a = ', '\nb = 1\n', 32), 4);
    log.note(fimRequest('a = f', '\nb = 1\n', 32), 0);
    log.note(fimRequest('x', '\n\nb = 1\n', 32), 2);
    log.endDocument('python');
    log.note(fimRequest('x', '', 32), 1);
    log.endDocument('go');
    assert.deepEqual(log.sequences, [
      {
        languageId: 'python',
        requests: [
          { prefix: 4, sharedPrefix: 0, suffix: 7, sharedSuffix: 0, generated: 4 },
          { prefix: 5, sharedPrefix: 4, suffix: 7, sharedSuffix: 7, generated: 0 },
          { prefix: 1, sharedPrefix: 0, suffix: 8, sharedSuffix: 7, generated: 2 },
        ],
      },
      {
        languageId: 'go',
        requests: [{ prefix: 1, sharedPrefix: 0, suffix: 0, sharedSuffix: 0, generated: 1 }],
      },
    ]);
  });

  it('are made of other text, and share as much', () => {
    const sequence: RecordedSequence = {
      languageId: 'python',
      requests: [
        { prefix: 300, sharedPrefix: 0, suffix: 90, sharedSuffix: 0, generated: 5 },
        { prefix: 303, sharedPrefix: 300, suffix: 90, sharedSuffix: 90, generated: 0 },
        { prefix: 120, sharedPrefix: 100, suffix: 60, sharedSuffix: 50, generated: 9 },
        { prefix: 130, sharedPrefix: 120, suffix: 0, sharedSuffix: 0, generated: 1 },
      ],
    };
    const log = new RequestLog(characters);
    for (const { prompt, tokens } of madeUpRequests(sequence, characters, 3)) {
      log.note({ prompt, maxTokens: 1 }, tokens);
    }
    log.endDocument('python');
    const made = log.sequences[0]?.requests ?? [];
    assert.equal(made.length, sequence.requests.length);
    for (const [at, { generated, ...lengths }] of sequence.requests.entries()) {
      const { generated: tokens, ...same } = made[at] as RecordedRequest;
      assert.deepEqual([same.prefix, same.suffix], [lengths.prefix, lengths.suffix]);
      // By chance a little more may be the same.
      for (const key of ['sharedPrefix', 'sharedSuffix'] as const) {
        const more = same[key] - lengths[key];
        assert.ok(more >= 0 && more <= 3, `${key} of request ${at}: ${same[key]}`);
      }
      assert.equal(tokens, Math.max(1, generated));
    }
    const others = madeUpRequests(sequence, characters, 4);
    assert.notDeepEqual(others[0]?.prompt, madeUpRequests(sequence, characters, 3)[0]?.prompt);
  });

  it('are recorded of a document in each language of the replay', () => {
    assert.ok(existsSync(FIXTURE));
    const { sequences } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { sequences: RecordedSequence[] };
    assert.deepEqual(
      sequences.map(({ languageId }) => languageId),
      ['python', 'typescript', 'go', 'rust', 'java', 'cpp'],
    );
    for (const { requests } of sequences) {
      assert.ok(requests.length >= 10);
      for (const { prefix, sharedPrefix, suffix, sharedSuffix } of requests) {
        assert.ok(sharedPrefix <= prefix && sharedSuffix <= suffix && prefix + suffix < 2000);
      }
      // Most keys add a little to what is there.
      const typed = requests.filter(({ prefix, sharedPrefix }) => prefix - sharedPrefix <= 8);
      assert.ok(typed.length > requests.length / 2);
    }
  });
});

describe('conversations', () => {
  it('are kept as what each prompt adds to the one before and its answer', () => {
    const log = new ConversationLog(characters);
    log.note({ prompt: [{ text: 'system, question' }] }, 'answer that was cut', 6);
    log.note({ prompt: [{ text: 'system, question' }, { text: 'answerfurther' }] }, 'yes', 3);
    // The first turn was left out.
    log.note({ prompt: [{ text: 'system, third' }] }, '', 0);
    log.endConversation('a');
    log.note({ prompt: [{ text: 'system' }] }, '?', 1);
    log.endConversation('b');
    assert.deepEqual(log.conversations, [
      {
        name: 'a',
        turns: [
          { fresh: 16, generated: 6 },
          { fresh: 7, generated: 3 },
          { fresh: 5, generated: 0 },
        ],
      },
      { name: 'b', turns: [{ fresh: 6, generated: 1 }] },
    ]);
  });

  it('are held over other text, each prompt behind the answer before', async () => {
    const turns = [
      { fresh: 200, generated: 5 },
      { fresh: 20, generated: 0 },
      { fresh: 30, generated: 2 },
    ];
    const asked: (readonly [string, number])[] = [];
    const hold = (seed: number): Promise<void> =>
      replayConversation({ name: 'a', turns }, characters, seed, (prompt, tokens) => {
        asked.push([prompt, tokens]);
        return Promise.resolve('!'.repeat(tokens));
      });
    await hold(3);
    assert.deepEqual(
      asked.map(([prompt, tokens]) => [prompt.length, tokens]),
      [
        [200, 5],
        [225, 1],
        [256, 2],
      ],
    );
    const [[first], [second], [third]] = asked as [[string, number], [string, number], [string, number]];
    assert.ok(second.startsWith(`${first}!!!!!`) && third.startsWith(`${second}!`));
    await hold(4);
    assert.notEqual(asked[3]?.[0], first);
  });

  it('are recorded with several questions each, and fit the context of a benchmark', () => {
    const { conversations } = JSON.parse(readFileSync(CONVERSATIONS, 'utf8')) as {
      conversations: RecordedConversation[];
    };
    assert.equal(conversations.length, 6);
    for (const { name, turns } of conversations) {
      assert.ok(existsSync(name), name);
      assert.ok(turns.length >= 2 && (turns[0]?.fresh ?? 0) > 100);
      // What goes on repeats what was said.
      for (const { fresh } of turns.slice(1)) assert.ok(fresh < 100, `${name}: ${fresh}`);
      const all = turns.reduce((sum, { fresh, generated }) => sum + fresh + generated, 0);
      assert.ok(all < 2304, `${name}: ${all}`);
    }
  });
});
