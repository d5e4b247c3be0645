import assert from 'node:assert/strict';
import { keptPart, TrackedText } from '../../../../src/extension/statistics/keptText';

/** A document with an accepted text in it, edited as a person would. */
class Edited {
  readonly tracked: TrackedText;

  constructor(before: string, accepted: string, after: string) {
    this.tracked = new TrackedText(accepted, before.length);
    this.text = before + accepted + after;
  }

  text: string;

  replace(old: string, by: string): this {
    const rangeOffset = this.text.indexOf(old);
    assert.ok(rangeOffset >= 0, `${old} is not in ${this.text}`);
    return this.change(rangeOffset, old.length, by);
  }

  change(rangeOffset: number, rangeLength: number, text: string): this {
    this.text = this.text.slice(0, rangeOffset) + text + this.text.slice(rangeOffset + rangeLength);
    this.tracked.apply({ rangeOffset, rangeLength, text });
    return this;
  }

  get kept(): boolean {
    return this.tracked.isKept(this.text);
  }
}

const edited = () =>
  new Edited('def f(n):\n    ', 'total = 0\n    for i in range(n):\n        total += i', '\n\nprint(1)\n');

describe('an accepted suggestion', () => {
  it('is kept when nothing happens, and when the text around it changes', () => {
    assert.ok(edited().kept);
    assert.ok(edited().replace('def f', 'import os\n\n\ndef function').replace('print(1)', '').kept);
    assert.ok(edited().replace('def f(n):\n    ', '').kept);
    assert.ok(edited().change(14, 0, 'x').kept, 'typed right before it');
  });

  it('is kept with small changes in it, and other blanks', () => {
    assert.ok(edited().replace('range(n)', 'range(n + 1)').kept);
    assert.ok(edited().replace('total = 0', 'total = 1').kept);
    const indented = edited();
    indented.replace('\n    for', '\n\tfor').replace('\n        total', '\n\t\ttotal');
    assert.ok(indented.kept);
  });

  it('is kept when a formatter writes the whole document anew', () => {
    const formatted = edited();
    formatted.change(0, formatted.text.length, formatted.text.replaceAll('    ', '  '));
    assert.ok(formatted.kept);
  });

  it('is not kept when it is undone, deleted, or mostly written anew', () => {
    assert.ok(!edited().replace('total = 0\n    for i in range(n):\n        total += i', '').kept);
    assert.ok(!edited().replace('for i in range(n):\n        total += i', 'return 7').kept);
    assert.ok(!edited().change(0, 500, '').kept);
    const elsewhere = edited().replace('total = 0\n    for i in range(n):\n        total += i', '');
    elsewhere.change(0, 0, 'x = 1\n');
    assert.ok(!elsewhere.kept);
  });

  it('is not kept when the same text stands elsewhere only', () => {
    const twice = new Edited('a = 1\n', 'value = compute(1)', '\nvalue = compute(1)\n');
    assert.ok(!twice.change(6, 18, 'pass').kept);
  });
});

describe('keptPart', () => {
  it('counts characters of words that are still there, in order', () => {
    assert.equal(keptPart('a b', 'a b'), 1);
    assert.equal(keptPart('aaa bbb', 'aaa ccc'), 0.5);
    assert.equal(keptPart('aaa bbb', 'bbb aaa'), 0.5);
    assert.equal(keptPart('aaa', ''), 0);
    assert.equal(keptPart('größe = 1', 'größe\n=\t1'), 1);
  });

  it('stays quick with texts that are long and have nothing in common', () => {
    const from = performance.now();
    const words = (sign: string) => Array.from({ length: 20_000 }, (_, at) => `${sign}${at}`).join(' ');
    assert.equal(keptPart(words('a').slice(0, 4000), words('b').slice(0, 49_000)), 0);
    assert.equal(keptPart('abc', 'b'.repeat(10_000_000)), 0);
    assert.ok(performance.now() - from < 5000);
  });
});
