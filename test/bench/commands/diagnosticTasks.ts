/**
 * Small faults that a compiler or a type checker sees, as *Fix* meets them as a quick fix: what goes to the model is what
 * `tsc` or pyright really says about the file. Solved where nothing is left to say and the tests pass.
 */
import type { EditTask } from './editTasks';
import { vitest } from './editTasks';

export const DIAGNOSTIC_TASKS: readonly EditTask[] = [
  {
    name: 'a misspelled name',
    languageId: 'python',
    code: 'def average(numbers):\n    total = 0\n    for number in numbers:\n        total += number\n    return totl / len(numbers)\n',
    tests: 'from sample import average\n\n\ndef test_average():\n    assert average([1, 2, 6]) == 3\n',
  },
  {
    name: 'a missing import',
    languageId: 'python',
    code: 'def to_text(settings):\n    """The settings as JSON, with sorted keys."""\n    return json.dumps(settings, sort_keys=True)\n',
    tests:
      'from sample import to_text\n\n\ndef test_text():\n    assert to_text({"b": 1, "a": [2]}) == \'{"a": [2], "b": 1}\'\n',
  },
  {
    name: 'a match that may be missing',
    languageId: 'python',
    code: 'import re\n\n\ndef version_of(text: str) -> str:\n    match = re.search(r"(\\d+\\.\\d+)", text)\n    return match.group(1)\n',
    tests:
      'from sample import version_of\n\n\ndef test_version():\n    assert version_of("tool 3.14 (stable)") == "3.14"\n',
  },
  {
    name: 'a missing argument',
    languageId: 'python',
    code: 'def pad(text, width, fill):\n    return text.rjust(width, fill)\n\n\ndef table_row(cells):\n    return "|".join(pad(cell, 5) for cell in cells)\n',
    tests:
      'from sample import table_row\n\n\ndef test_row():\n    row = table_row(["a", "bcd"])\n    assert [len(cell) for cell in row.split("|")] == [5, 5]\n    assert row.endswith("bcd")\n',
  },
  {
    name: 'a method of another language',
    languageId: 'python',
    code: 'def initials(names):\n    letters = []\n    for name in names:\n        letters.push(name[0].upper())\n    return "".join(letters)\n',
    tests:
      'from sample import initials\n\n\ndef test_initials():\n    assert initials(["ada", "Lovelace"]) == "AL"\n',
  },
  {
    name: 'a forgotten self',
    languageId: 'python',
    code: 'class Rectangle:\n    def __init__(self, width, height):\n        self.width = width\n        self.height = height\n\n    def area(self):\n        return self.width * height\n',
    tests: 'from sample import Rectangle\n\n\ndef test_area():\n    assert Rectangle(2, 3).area() == 6\n',
  },
  {
    name: 'a list for a number',
    languageId: 'typescript',
    code: "export function countWords(text: string): number {\n  const words = text.split(/\\s+/).filter((word) => word !== '');\n  return words;\n}\n",
    tests: vitest('countWords', "it('counts', () => {\n  expect(countWords(' two  words ')).toBe(2);\n});\n"),
  },
  {
    name: 'a match that may be null',
    languageId: 'typescript',
    code: 'export function domainOf(email: string): string {\n  const match = /@(.+)$/.exec(email);\n  return match[1].toLowerCase();\n}\n',
    tests: vitest(
      'domainOf',
      "it('has the domain', () => {\n  expect(domainOf('ada@Example.org')).toBe('example.org');\n});\n",
    ),
  },
  {
    name: 'no value at the end',
    languageId: 'typescript',
    code: "export function grade(points: number): string {\n  if (points >= 90) {\n    return 'A';\n  } else if (points >= 75) {\n    return 'B';\n  } else if (points >= 0) {\n    return 'C';\n  }\n}\n",
    tests: vitest(
      'grade',
      "it('grades', () => {\n  expect([95, 80, 10].map(grade)).toEqual(['A', 'B', 'C']);\n});\n",
    ),
  },
  {
    name: 'a missing await',
    languageId: 'typescript',
    code: 'export async function totalSize(load: (name: string) => Promise<string>, names: string[]): Promise<number> {\n  let total = 0;\n  for (const name of names) {\n    const text = load(name);\n    total += text.length;\n  }\n  return total;\n}\n',
    tests: vitest(
      'totalSize',
      "it('adds up', async () => {\n  expect(await totalSize(async (name) => name + name, ['ab', 'c'])).toBe(6);\n});\n",
    ),
  },
  {
    name: 'a misspelled property',
    languageId: 'typescript',
    code: 'export function longest(words: string[]): string {\n  let best = "";\n  for (const word of words) {\n    if (word.lenght > best.length) {\n      best = word;\n    }\n  }\n  return best;\n}\n',
    tests: vitest(
      'longest',
      "it('finds it', () => {\n  expect(longest(['a', 'abc', 'ab'])).toBe('abc');\n});\n",
    ),
  },
  {
    name: 'a property of the wrong name',
    languageId: 'typescript',
    code: 'interface Person {\n  firstName: string;\n  lastName: string;\n}\n\nexport function fullName(person: Person): string {\n  return `${person.firstName} ${person.surname}`;\n}\n',
    tests: vitest(
      'fullName',
      "it('has both', () => {\n  expect(fullName({ firstName: 'Ada', lastName: 'Lovelace' })).toBe('Ada Lovelace');\n});\n",
    ),
  },
];
