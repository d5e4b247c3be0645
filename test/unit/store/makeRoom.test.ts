import assert from 'node:assert/strict';
import { LOW_MEMORY_BYTES, makeRoom, type RoomDeps } from '../../../src/inference/store/makeRoom';
import type { AskAnswer, OtherSession } from '../../../src/inference/store/sessionRegistry';

const GB = 1024 ** 3;

describe('makeRoom', () => {
  let available: number | undefined;
  let asked: string[];
  let waits: number;
  let others: OtherSession[];
  let answers: Record<string, AskAnswer>;

  beforeEach(() => {
    available = 0;
    asked = [];
    waits = 0;
    others = ['a', 'b', 'c'].map((id, index) => ({
      id,
      pid: index + 1,
      model: 'm',
      bytes: GB,
      lastUsed: index,
      busy: false,
    }));
    answers = {};
  });

  const deps: RoomDeps = {
    availableMemory: async () => available,
    registry: {
      others: async () => others,
      ask: async (id) => {
        asked.push(id);
        const answer = answers[id] ?? 'released';
        if (answer === 'released' && available !== undefined) available += GB;
        return answer;
      },
    },
    log: () => undefined,
    onAsking: () => waits++,
  };

  it('asks nobody where there is room, or where that is not known', async () => {
    available = GB + LOW_MEMORY_BYTES;
    assert.equal(await makeRoom(GB, deps), true);
    available = undefined;
    assert.equal(await makeRoom(GB, deps), true);
    assert.deepEqual([asked, waits], [[], 0]);
  });

  it('asks the least recently used first and stops when there is room, with some to spare', async () => {
    assert.equal(await makeRoom(GB, deps), true);
    assert.deepEqual(asked, ['a', 'b']);
    assert.equal(waits, 1);
  });

  it('does not ask who is working, and goes on where it is refused or not heard', async () => {
    others = others.map((other) => ({ ...other, busy: other.id === 'a' }));
    answers = { b: 'declined', c: 'no-answer' };
    assert.equal(await makeRoom(GB, deps), false);
    assert.deepEqual(asked, ['b', 'c']);
  });

  it('gives up when it is told to', async () => {
    assert.equal(await makeRoom(GB, deps, AbortSignal.abort()), false);
    assert.deepEqual(asked, []);
  });
});
