import assert from 'node:assert/strict';
import { EngineError } from '../../../src/inference/errors';
import type { Candidates } from '../../../src/inference/session/sampler';
import { Speller } from '../../../src/inference/session/speller';
import { collect } from '../../support/collect';
import { tinyForTests } from '../../support/tinyModel';

describe('Speller', () => {
  const tiny = tinyForTests();

  const tokenizer = () => tiny().session().tokenizer;
  const idOf = (text: string): number => {
    const ids = tokenizer().encode(text);
    assert.equal(ids.length, 1, `${text} is not one token`);
    return ids[0] ?? NaN;
  };
  const candidates = (...texts: readonly string[]): Candidates => ({
    logits: Float32Array.from(texts, (_, index) => -index),
    ids: BigInt64Array.from(texts, (text) => BigInt(idOf(text))),
  });
  const texts = ({ ids }: Candidates): string[] => [...ids].map((id) => tokenizer().decode([Number(id)]));

  it('keeps what begins with what is owed, and what is a beginning of it', () => {
    const speller = new Speller(tokenizer(), ' re');
    assert.deepEqual(texts(speller.open(candidates('x', ' return', ' ', ' re'))), [' return', ' ', ' re']);
    assert.equal(speller.push(' '), '');
    assert.equal(speller.done, false);
    assert.deepEqual(texts(speller.open(candidates('turn', 're', 'x', 'r'))), ['re', 'r']);
    assert.equal(speller.push('re'), '');
    assert.deepEqual([speller.done, speller.written], [true, 0]);
    assert.deepEqual(texts(speller.open(candidates('x', 'turn'))), ['x', 'turn']);
    assert.equal(speller.push('x'), 'x');
  });

  it('gives what is new of a token that goes beyond', () => {
    const speller = new Speller(tokenizer(), ' re');
    assert.equal(speller.push(' return'), 'turn');
    assert.equal(speller.written, 1);
  });

  it('goes on with the text’s own token where no candidate spells it', () => {
    const speller = new Speller(tokenizer(), ' re');
    assert.deepEqual(texts(speller.open(candidates('x', '1'))), [' re']);
  });

  it('has the session spell it, and leaves it out of the text', async () => {
    const session = tiny().session();
    const asked = { prompt: [{ text: 'def total(values):\n    ' }], maxTokens: 8, stopTokens: [] };
    const written = async (spell?: string): Promise<string> => {
      const request = { ...asked, ...(spell !== undefined && { spell }) };
      return (await collect(session.generate(request, () => false))).text;
    };
    const free = await written();
    // What it would write anyway is spelled by the same tokens.
    const begun = free.slice(0, 1);
    assert.equal(await written(begun), free.slice(1));
    const other = ['re', 'in', 'st'].find((word) => !free.startsWith(word.charAt(0))) ?? '';
    assert.notEqual(await written(other), free);
    await assert.rejects(
      collect(session.generate({ prompt: [], maxTokens: 8, spell: 're' }, () => false)),
      (error) => error instanceof EngineError && error.code === 'invalid-request',
    );
  });
});
