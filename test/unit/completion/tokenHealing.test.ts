import assert from 'node:assert/strict';
import { begunWord } from '../../../src/completion/tokenHealing';
import { setUp, shown } from './completerSetUp';
import { parse } from './cursor';
import { settle } from './scriptedEngine';

describe('Token healing', () => {
  const cases: readonly (readonly [prefix: string, spelled: string, why: string])[] = [
    ['x = pri', ' pri', 'a word, with the blank that its token holds'],
    ['    ret', 'ret', 'behind an indentation'],
    ['\tret', 'ret', 'behind a tab'],
    ['self.ite', 'ite', 'behind a sign'],
    ['user_na', '_na', 'a part of a name'],
    ['getUserNa', 'Na', 'the last part of a name with capitals'],
    ['x = HTTP', ' HTTP', 'capitals'],
    ['MAX_LEN', '_LEN', 'a constant'],
    ['x = ', '', 'no word'],
    ['call(', '', 'no word'],
    ['abcdefghijklmnop', '', 'too long to be worth it'],
    ['', '', 'nothing'],
  ];
  for (const [prefix, spelled, why] of cases) {
    it(`spells ${JSON.stringify(spelled)} anew in ${JSON.stringify(prefix)}: ${why}`, () => {
      assert.equal(begunWord(prefix, '\n'), spelled);
      assert.ok(prefix.endsWith(begunWord(prefix, '\n')));
    });
  }

  it('leaves a word alone that goes on behind the cursor', () => {
    assert.equal(begunWord('x = pri', 'nt()'), '');
  });

  it('leaves half a word out of the prompt and has it spelled, and the answer goes on behind it', async () => {
    const { engine, completer } = setUp({ debounceMs: 0 });
    const call = completer.complete(parse('x = pri█\n'), 'explicit');
    await settle();
    assert.equal(engine.last.prompt, '<fim_prefix>x =<fim_suffix>\n<fim_middle>');
    assert.equal(engine.last.request.spell, ' pri');
    await engine.last.prefilled();
    await engine.last.text('nt()');
    await engine.last.done();
    assert.equal(shown(await call), 'nt()');
  });

  it('can be switched off', async () => {
    const { engine, completer } = setUp({ debounceMs: 0, healing: false });
    void completer.complete(parse('x = pri█\n'), 'explicit');
    await settle();
    assert.equal(engine.last.prompt, '<fim_prefix>x = pri<fim_suffix>\n<fim_middle>');
    assert.equal(engine.last.request.spell, undefined);
    await engine.last.done();
  });
});
