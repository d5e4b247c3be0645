import assert from 'node:assert/strict';
import fc from 'fast-check';
import { estimateTokens } from '../../../src/completion/estimateTokens';

/** Counts by the real tokenizer (Qwen2.5-Coder), so that the estimate cannot drift unnoticed. */
const counted: readonly { readonly text: string; readonly tokens: number }[] = [
  {
    text: 'def fibonacci(n: int) -> int:\n    if n < 2:\n        return n\n    return fibonacci(n - 1) + fibonacci(n - 2)\n\n\nclass Account:\n    def __init__(self, owner, balance=0):\n        self.owner = owner\n        self.balance = balance\n',
    tokens: 63,
  },
  {
    text: 'export function readHeader(bytes: Uint8Array, offset = 0): HeaderInfo {\n  const view = new DataView(bytes.buffer);\n  const version = view.getUint32(offset, true);\n  if (version !== 3) throw new RangeError(`unknown version ${version}`);\n  return { version, tensorCount: view.getBigUint64(offset + 8, true) };\n}\n',
    tokens: 81,
  },
  {
    text: 'func (s *Server) handleRequest(w http.ResponseWriter, r *http.Request) error {\n\tid := r.URL.Query().Get("id")\n\tif id == "" {\n\t\treturn errors.New("missing id")\n\t}\n\titem, err := s.store.Find(r.Context(), id)\n\tif err != nil {\n\t\treturn fmt.Errorf("find %s: %w", id, err)\n\t}\n\treturn json.NewEncoder(w).Encode(item)\n}\n',
    tokens: 89,
  },
  {
    text: 'The window that is shown to the model stays where it is while a person types, so that nearly all of it need not be evaluated again.\n',
    tokens: 29,
  },
  { text: 'const table = [0x1f, 1024, 3.14159, 65535, 1e-9];\n', tokens: 37 },
];

describe('estimateTokens', () => {
  for (const { text, tokens } of counted) {
    it(`is near the tokenizer: ${JSON.stringify(text.slice(0, 40))}`, () => {
      const estimate = estimateTokens(text);
      assert.ok(estimate >= tokens * 0.9, `${estimate} for ${tokens}`);
      assert.ok(estimate <= tokens * 1.3 + 2, `${estimate} for ${tokens}`);
    });
  }

  it('counts digits one by one', () => {
    assert.equal(estimateTokens('12345678'), 8);
  });

  it('counts deep indentation once', () => {
    assert.equal(estimateTokens(' '.repeat(60)), 1);
  });

  it('estimates a range as it would the text of the range', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), fc.nat(40), (text, a, b) => {
        const [start, end] = [Math.min(a, b, text.length), Math.min(Math.max(a, b), text.length)];
        assert.equal(estimateTokens(text, start, end), estimateTokens(text.slice(start, end)));
      }),
    );
  });

  it('never falls when text is added', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, more) => {
        assert.ok(estimateTokens(text + more) + 1 >= estimateTokens(text));
      }),
    );
  });
});
