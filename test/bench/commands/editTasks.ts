/**
 * Small tasks for *Edit* and *Fix*, each with tests that say whether it was done. A task of *Fix* gets its fault from
 * the same mutations as the benchmark of generated tests: the first one, in the order of a hash, that its tests see.
 */
export interface EditTask {
  readonly name: string;
  readonly languageId: 'python' | 'typescript';
  /** The whole file; the first function in it is the one in question. */
  readonly code: string;
  /** What a person would type; absent in tasks of *Fix*. */
  readonly instruction?: string;
  /** A pytest or vitest file for `sample.py` or `sample.ts`. */
  readonly tests: string;
}

export const vitest = (names: string, body: string): string =>
  `import { expect, it } from 'vitest';\nimport { ${names} } from './sample';\n\n${body}`;

export const FIX_TASKS: readonly EditTask[] = [
  {
    name: 'binary search',
    languageId: 'python',
    code: 'def binary_search(items, wanted):\n    """Index of wanted in the sorted items, or -1."""\n    low = 0\n    high = len(items) - 1\n    while low <= high:\n        middle = (low + high) // 2\n        if items[middle] == wanted:\n            return middle\n        if items[middle] < wanted:\n            low = middle + 1\n        else:\n            high = middle - 1\n    return -1\n',
    tests:
      'from sample import binary_search\n\n\ndef test_finds_each():\n    items = [1, 3, 5, 8, 13]\n    assert [binary_search(items, item) for item in items] == [0, 1, 2, 3, 4]\n\n\ndef test_missing():\n    assert binary_search([1, 3, 5], 4) == -1\n\n\ndef test_empty():\n    assert binary_search([], 1) == -1\n',
  },
  {
    name: 'leap year',
    languageId: 'python',
    code: 'def is_leap_year(year):\n    """Whether a year of the Gregorian calendar has 366 days."""\n    if year % 400 == 0:\n        return True\n    if year % 100 == 0:\n        return False\n    return year % 4 == 0\n',
    tests:
      'from sample import is_leap_year\n\n\ndef test_common_year():\n    assert is_leap_year(2023) is False\n\n\ndef test_leap_year():\n    assert is_leap_year(2024) is True\n\n\ndef test_century():\n    assert is_leap_year(1900) is False\n\n\ndef test_fourth_century():\n    assert is_leap_year(2000) is True\n',
  },
  {
    name: 'run lengths',
    languageId: 'python',
    code: 'def run_lengths(text):\n    """Pairs of each character and how often it stands in a row."""\n    runs = []\n    index = 0\n    while index < len(text):\n        count = 1\n        while index + count < len(text) and text[index + count] == text[index]:\n            count += 1\n        runs.append((text[index], count))\n        index += count\n    return runs\n',
    tests:
      'from sample import run_lengths\n\n\ndef test_runs():\n    assert run_lengths("aabccc") == [("a", 2), ("b", 1), ("c", 3)]\n\n\ndef test_single():\n    assert run_lengths("x") == [("x", 1)]\n\n\ndef test_empty():\n    assert run_lengths("") == []\n',
  },
  {
    name: 'balanced brackets',
    languageId: 'python',
    code: 'def is_balanced(text):\n    """Whether every bracket in the text is closed by its kind, in order."""\n    closing = {")": "(", "]": "[", "}": "{"}\n    stack = []\n    for char in text:\n        if char in "([{":\n            stack.append(char)\n        elif char in closing:\n            if not stack or stack.pop() != closing[char]:\n                return False\n    return len(stack) == 0\n',
    tests:
      'from sample import is_balanced\n\n\ndef test_nested():\n    assert is_balanced("f(a[1], {2: 3})") is True\n\n\ndef test_crossed():\n    assert is_balanced("([)]") is False\n\n\ndef test_open():\n    assert is_balanced("((") is False\n\n\ndef test_closed_only():\n    assert is_balanced(")") is False\n',
  },
  {
    name: 'moving average',
    languageId: 'python',
    code: 'def moving_average(values, size):\n    """Averages of each window of so many neighbours."""\n    if size < 1 or size > len(values):\n        return []\n    total = sum(values[:size])\n    averages = [total / size]\n    for index in range(size, len(values)):\n        total += values[index] - values[index - size]\n        averages.append(total / size)\n    return averages\n',
    tests:
      'from sample import moving_average\n\n\ndef test_windows():\n    assert moving_average([1, 2, 3, 6], 2) == [1.5, 2.5, 4.5]\n\n\ndef test_whole():\n    assert moving_average([1, 2, 3], 3) == [2.0]\n\n\ndef test_one():\n    assert moving_average([4, 5], 1) == [4.0, 5.0]\n\n\ndef test_too_large():\n    assert moving_average([1], 2) == []\n\n\ndef test_no_window():\n    assert moving_average([1], 0) == []\n',
  },
  {
    name: 'clamp',
    languageId: 'typescript',
    code: 'export function clamp(value: number, low: number, high: number): number {\n  if (low > high) {\n    throw new RangeError("low is above high");\n  }\n  if (value < low) {\n    return low;\n  }\n  return value > high ? high : value;\n}\n',
    tests: vitest(
      'clamp',
      "it('keeps what is inside', () => {\n  expect(clamp(5, 1, 9)).toBe(5);\n});\n\nit('raises to the low end', () => {\n  expect(clamp(-3, 1, 9)).toBe(1);\n});\n\nit('lowers to the high end', () => {\n  expect(clamp(12, 1, 9)).toBe(9);\n});\n\nit('takes no crossed ends', () => {\n  expect(() => clamp(1, 9, 1)).toThrow(RangeError);\n});\n",
    ),
  },
  {
    name: 'chunk',
    languageId: 'typescript',
    code: 'export function chunk<T>(items: readonly T[], size: number): T[][] {\n  if (size < 1) {\n    throw new RangeError("size must be at least 1");\n  }\n  const chunks: T[][] = [];\n  for (let start = 0; start < items.length; start += size) {\n    chunks.push(items.slice(start, start + size));\n  }\n  return chunks;\n}\n',
    tests: vitest(
      'chunk',
      "it('cuts into pieces', () => {\n  expect(chunk([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);\n});\n\nit('takes pieces of one', () => {\n  expect(chunk([1, 2], 1)).toEqual([[1], [2]]);\n});\n\nit('has none of nothing', () => {\n  expect(chunk([], 3)).toEqual([]);\n});\n\nit('takes no size below 1', () => {\n  expect(() => chunk([1], 0)).toThrow(RangeError);\n});\n",
    ),
  },
  {
    name: 'roman numerals',
    languageId: 'typescript',
    code: 'export function toRoman(value: number): string {\n  const numerals: [number, string][] = [\n    [1000, "M"], [900, "CM"], [500, "D"], [400, "CD"], [100, "C"], [90, "XC"],\n    [50, "L"], [40, "XL"], [10, "X"], [9, "IX"], [5, "V"], [4, "IV"], [1, "I"],\n  ];\n  let rest = value;\n  let text = "";\n  for (const [amount, sign] of numerals) {\n    while (rest >= amount) {\n      text += sign;\n      rest -= amount;\n    }\n  }\n  return text;\n}\n',
    tests: vitest(
      'toRoman',
      "it('writes single signs', () => {\n  expect([1, 5, 10, 50, 100, 500, 1000].map(toRoman)).toEqual(['I', 'V', 'X', 'L', 'C', 'D', 'M']);\n});\n\nit('subtracts', () => {\n  expect([4, 9, 40, 90, 400, 900].map(toRoman)).toEqual(['IV', 'IX', 'XL', 'XC', 'CD', 'CM']);\n});\n\nit('adds up', () => {\n  expect(toRoman(1994)).toBe('MCMXCIV');\n});\n",
    ),
  },
  {
    name: 'edit distance',
    languageId: 'typescript',
    code: 'export function editDistance(one: string, other: string): number {\n  let row = Array.from({ length: other.length + 1 }, (_, index) => index);\n  for (let i = 1; i <= one.length; i++) {\n    const next = [i];\n    for (let j = 1; j <= other.length; j++) {\n      const cost = one[i - 1] === other[j - 1] ? 0 : 1;\n      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + cost);\n    }\n    row = next;\n  }\n  return row[other.length];\n}\n',
    tests: vitest(
      'editDistance',
      "it('is nothing between equals', () => {\n  expect(editDistance('same', 'same')).toBe(0);\n});\n\nit('counts replacements', () => {\n  expect(editDistance('kitten', 'sitten')).toBe(1);\n});\n\nit('counts all kinds', () => {\n  expect(editDistance('kitten', 'sitting')).toBe(3);\n});\n\nit('takes empty texts', () => {\n  expect(editDistance('', 'abc')).toBe(3);\n});\n",
    ),
  },
  {
    name: 'pages',
    languageId: 'typescript',
    code: 'export function pageOf<T>(items: readonly T[], page: number, size: number): { items: T[]; more: boolean } {\n  const start = (page - 1) * size;\n  const end = start + size;\n  return { items: items.slice(start, end), more: end < items.length };\n}\n',
    tests: vitest(
      'pageOf',
      "it('has the first page', () => {\n  expect(pageOf([1, 2, 3, 4, 5], 1, 2)).toEqual({ items: [1, 2], more: true });\n});\n\nit('has a page in the middle', () => {\n  expect(pageOf([1, 2, 3, 4, 5], 2, 2)).toEqual({ items: [3, 4], more: true });\n});\n\nit('has a last page', () => {\n  expect(pageOf([1, 2, 3, 4], 2, 2)).toEqual({ items: [3, 4], more: false });\n});\n",
    ),
  },
];

export const EDIT_TASKS: readonly EditTask[] = [
  {
    name: 'a parameter with a default',
    languageId: 'python',
    instruction: 'add a parameter sep with the default "-" and join the words with it',
    code: 'def slugify(title):\n    words = title.lower().split()\n    return "-".join(words)\n',
    tests:
      'from sample import slugify\n\n\ndef test_default():\n    assert slugify("Hello Big World") == "hello-big-world"\n\n\ndef test_other():\n    assert slugify("Hello Big World", sep="_") == "hello_big_world"\n',
  },
  {
    name: 'an error for bad input',
    languageId: 'python',
    instruction: 'raise a ValueError if the list is empty',
    code: 'def mean(values):\n    total = 0\n    for value in values:\n        total += value\n    return total / len(values)\n',
    tests:
      'import pytest\n\nfrom sample import mean\n\n\ndef test_mean():\n    assert mean([1, 2, 6]) == 3\n\n\ndef test_empty():\n    with pytest.raises(ValueError):\n        mean([])\n',
  },
  {
    name: 'another case',
    languageId: 'python',
    instruction: 'also support "weeks" (7 days)',
    code: 'def to_seconds(amount, unit):\n    if unit == "seconds":\n        return amount\n    if unit == "minutes":\n        return amount * 60\n    if unit == "hours":\n        return amount * 3600\n    if unit == "days":\n        return amount * 86400\n    raise ValueError(f"unknown unit: {unit}")\n',
    tests:
      'import pytest\n\nfrom sample import to_seconds\n\n\ndef test_weeks():\n    assert to_seconds(2, "weeks") == 1209600\n\n\ndef test_others():\n    assert to_seconds(3, "minutes") == 180\n    assert to_seconds(1, "days") == 86400\n\n\ndef test_unknown():\n    with pytest.raises(ValueError):\n        to_seconds(1, "years")\n',
  },
  {
    name: 'another return value',
    languageId: 'python',
    instruction: 'return a tuple of the smallest and the largest number instead of only the largest',
    code: 'def largest(numbers):\n    best = numbers[0]\n    for number in numbers[1:]:\n        if number > best:\n            best = number\n    return best\n',
    tests:
      'from sample import largest\n\n\ndef test_both():\n    assert largest([3, 1, 2]) == (1, 3)\n\n\ndef test_one():\n    assert largest([4]) == (4, 4)\n\n\ndef test_negative():\n    assert largest([-5, -2, -9]) == (-9, -2)\n',
  },
  {
    name: 'a filter',
    languageId: 'python',
    instruction: 'skip empty lines and lines that start with #',
    code: 'def read_settings(text):\n    settings = {}\n    for line in text.splitlines():\n        key, value = line.split("=", 1)\n        settings[key.strip()] = value.strip()\n    return settings\n',
    tests:
      'from sample import read_settings\n\n\ndef test_plain():\n    assert read_settings("a = 1\\nb=x=y") == {"a": "1", "b": "x=y"}\n\n\ndef test_skipped():\n    assert read_settings("# note\\n\\na = 1\\n") == {"a": "1"}\n',
  },
  {
    name: 'an option',
    languageId: 'typescript',
    instruction: 'add an optional second parameter descending (default false) that sorts the other way round',
    code: 'export function sortedNumbers(numbers: readonly number[]): number[] {\n  return [...numbers].sort((a, b) => a - b);\n}\n',
    tests: vitest(
      'sortedNumbers',
      "it('sorts upwards', () => {\n  expect(sortedNumbers([3, 10, 2])).toEqual([2, 3, 10]);\n});\n\nit('sorts downwards', () => {\n  expect(sortedNumbers([3, 10, 2], true)).toEqual([10, 3, 2]);\n});\n",
    ),
  },
  {
    name: 'trimmed and unique',
    languageId: 'typescript',
    instruction: 'trim each tag and remove duplicates',
    code: 'export function parseTags(text: string): string[] {\n  return text.split(",").filter((tag) => tag !== "");\n}\n',
    tests: vitest(
      'parseTags',
      "it('trims', () => {\n  expect(parseTags('a, b ,c')).toEqual(['a', 'b', 'c']);\n});\n\nit('has each once', () => {\n  expect(parseTags('a,b, a')).toEqual(['a', 'b']);\n});\n",
    ),
  },
  {
    name: 'made async',
    languageId: 'typescript',
    instruction: 'make it async: load returns a promise now',
    code: 'export function loadNames(load: (id: number) => { name: string }, ids: readonly number[]): string[] {\n  const names: string[] = [];\n  for (const id of ids) {\n    names.push(load(id).name);\n  }\n  return names;\n}\n',
    tests: vitest(
      'loadNames',
      "it('waits for each', async () => {\n  const load = async (id: number) => ({ name: `n${id}` });\n  expect(await loadNames(load as never, [1, 2])).toEqual(['n1', 'n2']);\n});\n\nit('returns a promise', () => {\n  expect(loadNames((async () => ({ name: '' })) as never, [])).toBeInstanceOf(Promise);\n});\n",
    ),
  },
  {
    name: 'a default for what is missing',
    languageId: 'typescript',
    instruction: 'return "unknown" if the user or its city is missing instead of failing',
    code: 'interface User {\n  address?: { city?: string };\n}\n\nexport function cityOf(user: User | undefined): string {\n  return user!.address!.city!.toUpperCase();\n}\n',
    tests: vitest(
      'cityOf',
      "it('has the city', () => {\n  expect(cityOf({ address: { city: 'Rome' } })).toBe('ROME');\n});\n\nit('says unknown', () => {\n  expect([cityOf(undefined), cityOf({}), cityOf({ address: {} })]).toEqual(['unknown', 'unknown', 'unknown']);\n});\n",
    ),
  },
  {
    name: 'a limit',
    languageId: 'typescript',
    instruction: 'shorten text that is longer than max characters to max characters, the last of which is …',
    code: 'export function label(text: string, max: number): string {\n  return text.trim();\n}\n',
    tests: vitest(
      'label',
      "it('keeps what fits', () => {\n  expect(label(' short ', 10)).toBe('short');\n});\n\nit('keeps what just fits', () => {\n  expect(label('12345', 5)).toBe('12345');\n});\n\nit('shortens', () => {\n  expect(label('a long text', 6)).toBe('a lon…');\n});\n",
    ),
  },
];
