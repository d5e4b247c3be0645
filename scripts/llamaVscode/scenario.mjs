/** What is typed while llama.vscode is recorded. All text is ours; each file's name says its language. */

const SHOP = `"""Prices of a small shop."""

RATE = 0.19


def gross(net):
    return net * (1 + RATE)


def total(prices):
    result = 0
    for price in prices:
${' '.repeat(8)}

    return result


def shown(value):
    return f"{value:.2f} EUR"
`;
const STOCK = `"""What is there."""

COUNTS = {"apple": 3, "pear": 5}


def count(name):
    return COUNTS.get(name, 0)


def take(name):
    COUNTS[name] = count(name) - 1
`;
const NAMES = `"""Names as people read them."""


def title(name):
    return name.replace("_", " ").title()
`;
/** So long that the prefix does not reach its beginning nor the suffix its end. */
const LIMITS = Array.from(
  { length: 400 },
  (_, at) => `limit_${String(at).padStart(3, '0')} = ${at * 7}\n`,
).join('');

/** Plain text is what starts the extension, which then puts a page of its own in front. */
export const OPEN_BEFORE = 'notes.txt';

export const FILES = {
  [OPEN_BEFORE]: 'To do: taxes.\n',
  'stock.py': STOCK,
  'names.py': NAMES,
  'shop.py': SHOP,
  'limits.py': LIMITS,
};

/**
 * The server's texts by the end of `input_prefix` + `prompt`; the first that fits counts, the empty one fits all.
 * @type {ReadonlyArray<readonly [string, readonly string[]]>}
 */
export const ANSWERS = [
  ['        r', ['esult += gross(price)\n        count += 1\n', 'esult += price', 'esult += price']],
  ['        resx', ['']],
  ['        resx\n', ['        print(result)\n\n    return result\n', '        print(result)']],
  ['    return (', ['1 * result', '2 * result', '1 * result']],
  ['    return (a', [' + 1) *\n        result', '']],
  ['RATE = 0.19\n\n', ['\n\ndef gross(net):\n    return net * (1 + RATE)\n']],
  ['limit_300 = 2100\nl', ['imit_half = 1050\n']],
  ['', ['pass\n']],
];

/**
 * `open`: a file comes to the front. `place`: the cursor, line and column from 0. `key`: as Playwright names it.
 * `quiet`: nobody types for some seconds.
 */
export const STEPS = [
  { do: 'open', file: 'shop.py' },
  { do: 'open', file: 'stock.py' },
  { do: 'open', file: 'names.py' },
  { do: 'open', file: 'shop.py' },
  { do: 'quiet' },
  { do: 'place', line: 12, column: 8 },
  ...['r', 'e', 's', 'x', 'Enter'].map((key) => ({ do: 'key', key })),
  { do: 'place', line: 15, column: 11 },
  ...['(', 'a'].map((key) => ({ do: 'key', key })),
  { do: 'place', line: 19, column: 10 },
  { do: 'key', key: ' ' },
  { do: 'open', file: 'limits.py' },
  { do: 'place', line: 300, column: 16 },
  { do: 'key', key: 'Enter' },
  { do: 'key', key: 'l' },
  { do: 'quiet' },
  { do: 'key', key: 'Tab' },
  { do: 'key', key: 'Enter' },
  { do: 'quiet' },
];
