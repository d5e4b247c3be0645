import assert from 'node:assert/strict';
import { RequestIntents } from '../../../src/extension/requestIntents';

const HERE = 'file:///here.py';
const ELSEWHERE = 'file:///elsewhere.py';

describe('what is behind a request', () => {
  let now = 0;
  let intents: RequestIntents;

  beforeEach(() => {
    now = 0;
    intents = new RequestIntents(() => now);
  });

  it('is what the editor says where nobody left word', () => {
    assert.deepEqual(intents.take(HERE, true), { byHand: true, atOnce: false });
    assert.deepEqual(intents.take(HERE, false), { byHand: false, atOnce: false });
  });

  it('is nobody’s wish after an accept, once', () => {
    intents.accepted(HERE);
    assert.deepEqual(intents.take(HERE, true), { byHand: false, atOnce: true });
    assert.deepEqual(intents.take(HERE, true), { byHand: true, atOnce: false });
  });

  it('is nobody’s wish where an automatic one is repeated', () => {
    intents.repeat(HERE);
    assert.deepEqual(intents.take(HERE, true), { byHand: false, atOnce: false });
  });

  it('is a person’s wish where the word was for another document, was left long ago, or a command came since', () => {
    intents.accepted(ELSEWHERE);
    assert.equal(intents.take(HERE, true).byHand, true);
    intents.accepted(HERE);
    now = 3000;
    assert.equal(intents.take(HERE, true).byHand, true);
    intents.accepted(HERE);
    intents.command('block');
    assert.deepEqual(intents.take(HERE, true), { byHand: true, atOnce: false, commanded: 'block' });
  });

  it('keeps a command’s length for the request that is made by hand', () => {
    intents.command('line');
    assert.deepEqual(intents.take(HERE, false), { byHand: false, atOnce: false });
    assert.equal(intents.take(HERE, true).commanded, 'line');
    assert.equal(intents.take(HERE, true).commanded, undefined);
  });
});
