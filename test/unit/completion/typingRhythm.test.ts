import assert from 'node:assert/strict';
import { TypingRhythm } from '../../../src/completion/typingRhythm';

/** Somebody who types a key each `gap` milliseconds. */
function typing(gap: number, keys = 20): TypingRhythm {
  const rhythm = new TypingRhythm();
  for (let key = 0; key < keys; key++) rhythm.key(1000 + key * gap);
  return rhythm;
}

describe('TypingRhythm', () => {
  it('waits no longer than the setting where the engine answers between two keys', () => {
    const rhythm = typing(200);
    rhythm.answered(80);
    assert.equal(rhythm.debounceMs(60), 60);
  });

  it('waits for a pause where it does not', () => {
    const rhythm = typing(150);
    rhythm.answered(400);
    assert.equal(rhythm.debounceMs(60), 195);
    assert.equal(rhythm.debounceMs(250), 250, 'never shorter than the setting');
  });

  it('keeps a slow typist waiting no longer than he notices', () => {
    const rhythm = typing(600);
    rhythm.answered(2000);
    assert.equal(rhythm.debounceMs(60), 300);
  });

  it('takes the setting while it knows nothing, and pauses for no typing', () => {
    assert.equal(new TypingRhythm().debounceMs(60), 60);
    assert.equal(typing(150).debounceMs(60), 60);
    const pauses = typing(5000);
    pauses.answered(400);
    assert.equal(pauses.debounceMs(60), 60);
  });

  it('follows the engine as it becomes faster', () => {
    const rhythm = typing(150);
    rhythm.answered(400);
    for (let i = 0; i < 10; i++) rhythm.answered(50);
    assert.equal(rhythm.debounceMs(60), 60);
  });
});
