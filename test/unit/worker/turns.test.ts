import assert from 'node:assert/strict';
import type { Priority } from '../../../src/inference/engine';
import { Turns } from '../../../src/inference/worker/turns';

describe('Turns', () => {
  it('let one in at a time, the interactive line first, each in order of arrival', async () => {
    const turns = new Turns();
    const order: string[] = [];
    let inside = 0;
    const visit = async (name: string, priority: Priority): Promise<void> => {
      await turns.acquire(priority);
      assert.equal(++inside, 1, `${name} was let in beside another`);
      order.push(name);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      turns.release();
    };
    await Promise.all([
      visit('first', 'background'),
      visit('b1', 'background'),
      visit('i1', 'interactive'),
      visit('b2', 'background'),
      visit('i2', 'interactive'),
    ]);
    assert.deepEqual(order, ['first', 'i1', 'i2', 'b1', 'b2']);
    await turns.acquire('background');
    turns.release();
  });
});
