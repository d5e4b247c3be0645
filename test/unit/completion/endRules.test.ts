import assert from 'node:assert/strict';
import { endRuleContext } from '../../../src/completion/endRules/endRule';
import { MAX_LINES } from '../../../src/completion/endRules/length';
import { END_RULES, findEnd } from '../../../src/completion/endRules/pipeline';
import type { SuggestionLength } from '../../../src/completion/suggestionLength';
import { parse } from './cursor';
import { END_OF_SCOPE_CASES } from './endOfScopeCases';
import { END_RULE_CASES } from './endRuleCases';

const cases = [...END_RULE_CASES, ...END_OF_SCOPE_CASES];

function contextOf(
  drawn: string,
  language: string | undefined,
  length?: SuggestionLength,
): ReturnType<typeof endRuleContext> {
  const { text, offset } = parse(drawn);
  return endRuleContext(language ?? 'python', text.slice(0, offset), text.slice(offset), length);
}

describe('end rules', () => {
  for (const { name, language, length, at, written, left, by, complete } of cases) {
    it(`${by ?? 'goes on'}: ${name}`, () => {
      const found = findEnd(written, contextOf(at, language, length), complete ?? false);
      assert.deepEqual(
        found && { text: found.text, endedBy: found.endedBy },
        left === undefined ? undefined : { text: left, endedBy: by },
      );
      assert.ok(found === undefined || found.fired.includes(by ?? ''), 'the rule that decided has fired');
    });
  }

  it('maximum-lines: stops at the limit', () => {
    const lines = Array.from({ length: MAX_LINES + 1 }, (_, i) => `value_${i} = f(${i})`);
    assert.deepEqual(findEnd(lines.join('\n'), contextOf('█', 'python'), false), {
      text: lines.slice(0, -1).join('\n'),
      endedBy: 'maximum-lines',
      fired: ['maximum-lines'],
    });
  });

  it('names all rules that saw an end, beside the one that decided', () => {
    const found = findEnd('a\n```\n\n\n\nb', contextOf('█', 'python'), false);
    assert.equal(found?.endedBy, 'markdown-fence');
    assert.deepEqual(found.fired, ['markdown-fence', 'two-blank-lines']);
  });

  it('has a name of its own for each rule, and a case that it decides', () => {
    const names = END_RULES.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    const decided = new Set([...cases.map((c) => c.by), 'maximum-lines']);
    assert.deepEqual(
      names.filter((name) => !decided.has(name)),
      [],
    );
  });

  it('cuts at the same place however the text arrives', () => {
    for (const { name, language, length, at, written, left, complete } of cases) {
      if (left === undefined || complete === true) continue;
      const context = contextOf(at, language, length);
      let streamed: string | undefined;
      for (let end = 1; end <= written.length && streamed === undefined; end += 1) {
        streamed = findEnd(written.slice(0, end), context, false)?.text;
      }
      assert.equal(streamed, left, name);
    }
  });
});
