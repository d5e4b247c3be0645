/** Small code to write tests for, in the languages whose runners need nothing installed. */
export interface TestgenSample {
  readonly languageId: string;
  readonly path: string;
  readonly text: string;
  readonly symbol: string;
  readonly manifests?: Readonly<Record<string, string>>;
}

const PYTEST = { 'requirements.txt': 'pytest\n' };
const NODE = { 'package.json': '{ "type": "module", "scripts": { "test": "node --test" } }' };

export const SAMPLES: readonly TestgenSample[] = [
  {
    languageId: 'python',
    path: 'words.py',
    symbol: 'count_words',
    manifests: PYTEST,
    text: 'def count_words(text):\n    """How often each word occurs."""\n    counts = {}\n    for word in text.lower().split():\n        counts[word] = counts.get(word, 0) + 1\n    return counts\n',
  },
  {
    languageId: 'python',
    path: 'numbers_.py',
    symbol: 'clamp',
    manifests: PYTEST,
    text: 'def clamp(value, low, high):\n    if low > high:\n        raise ValueError("low is above high")\n    return max(low, min(value, high))\n',
  },
  {
    languageId: 'python',
    path: 'shop/cart.py',
    symbol: 'Cart',
    manifests: { ...PYTEST, 'shop/__init__.py': '' },
    text: 'class Cart:\n    def __init__(self):\n        self.items = {}\n\n    def add(self, name, price, count=1):\n        if count < 1:\n            raise ValueError("count must be positive")\n        price_before, count_before = self.items.get(name, (price, 0))\n        self.items[name] = (price, count_before + count)\n\n    def total(self):\n        return sum(price * count for price, count in self.items.values())\n',
  },
  {
    languageId: 'python',
    path: 'roman.py',
    symbol: 'to_roman',
    manifests: PYTEST,
    text: 'NUMERALS = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]\n\n\ndef to_roman(number):\n    if not 0 < number < 4000:\n        raise ValueError("out of range")\n    result = ""\n    for value, numeral in NUMERALS:\n        while number >= value:\n            result += numeral\n            number -= value\n    return result\n',
  },
  {
    languageId: 'javascript',
    path: 'slug.js',
    symbol: 'slugify',
    manifests: NODE,
    text: "export function slugify(title) {\n  return title\n    .trim()\n    .toLowerCase()\n    .replace(/[^a-z0-9]+/g, '-')\n    .replace(/^-+|-+$/g, '');\n}\n",
  },
  {
    languageId: 'javascript',
    path: 'chunk.js',
    symbol: 'chunk',
    manifests: NODE,
    text: "export function chunk(list, size) {\n  if (size < 1) throw new RangeError('size must be at least 1');\n  const chunks = [];\n  for (let start = 0; start < list.length; start += size) {\n    chunks.push(list.slice(start, start + size));\n  }\n  return chunks;\n}\n",
  },
  {
    languageId: 'go',
    path: 'max.go',
    symbol: 'Max',
    manifests: { 'go.mod': 'module example.com/max\n\ngo 1.20\n' },
    text: 'package max\n\n// Max returns the largest number, and whether there is one.\nfunc Max(numbers []int) (int, bool) {\n\tif len(numbers) == 0 {\n\t\treturn 0, false\n\t}\n\tbest := numbers[0]\n\tfor _, number := range numbers {\n\t\tif number > best {\n\t\t\tbest = number\n\t\t}\n\t}\n\treturn best, true\n}\n',
  },
];
