/** Which framework the tests of a language without a dialect of its own are for, and where they go. */
import { posix, type ParsedPath } from 'node:path';
import type { ProjectFacts } from './framework';
import { pascal, snake } from './subject';

export interface GenericPlan {
  /** As people call it: `RSpec`. */
  readonly framework: string;
  /** Why this one, for the person. */
  readonly reason: string;
  /** Of the new test file, relative to the project's root. */
  readonly path: string;
  /** The nearest test of the project, whose ways are followed. */
  readonly example?: { readonly path: string; readonly text: string };
}

/** A framework by the words that manifests and tests name it with. */
type Known = readonly [name: string, words: RegExp];

interface Usual {
  /** The first is taken where the project names none. */
  readonly frameworks: readonly [Known, ...Known[]];
  /** The test's path, of `lib/user.rb` say, in each framework's way. */
  readonly path: (source: ParsedPath, framework: string) => string;
}

const beside =
  (name: (source: string) => string, ext?: string) =>
  ({ dir, name: source, ext: own }: ParsedPath): string =>
    posix.join(dir, name(source) + (ext ?? own));
const within =
  (folder: string, name: (source: string) => string) =>
  ({ name: source, ext }: ParsedPath): string =>
    posix.join(folder, name(source) + ext);

const C_FAMILY: Usual = {
  frameworks: [
    ['GoogleTest', /\bg(?:oogle)?test\b/i],
    ['Catch2', /\bcatch2?\b/i],
    ['doctest', /\bdoctest\b/i],
    ['Boost.Test', /boost[/._-]?(?:unit_)?test/i],
    ['CppUTest', /\bcpputest\b/i],
  ],
  path: beside((name) => `${name}_test`),
};

const USUAL: Readonly<Record<string, Usual>> = {
  ruby: {
    frameworks: [
      ['Minitest', /\bminitest\b/i],
      ['RSpec', /\brspec\b|spec_helper/i],
      ['test-unit', /\btest[-/]unit\b/i],
    ],
    path: ({ name, ext }, framework) =>
      framework === 'RSpec'
        ? posix.join('spec', `${name}_spec${ext}`)
        : posix.join('test', `${name}_test${ext}`),
  },
  php: {
    frameworks: [
      ['PHPUnit', /\bphpunit\b/i],
      ['Pest', /\bpestphp\b|\bpest\(\)/i],
    ],
    path: within('tests', (name) => `${pascal(name)}Test`),
  },
  csharp: {
    frameworks: [
      ['xUnit', /\bxunit\b/i],
      ['NUnit', /\bnunit\b/i],
      ['MSTest', /\bmstest\b|VisualStudio\.TestTools/i],
    ],
    path: beside((name) => `${name}Tests`),
  },
  cpp: C_FAMILY,
  c: {
    frameworks: [
      ['Unity', /\bunity\b/i],
      ['cmocka', /\bcmocka\b/i],
      ['Check', /<check\.h>/],
      ...C_FAMILY.frameworks,
    ],
    path: beside((name) => `test_${name}`),
  },
  kotlin: {
    frameworks: [
      ['kotlin.test', /\bkotlin[.-]test\b|kotlin\("test/],
      ['Kotest', /\bkotest\b/i],
      ['JUnit', /\bjunit\b/i],
    ],
    path: ({ dir, name, ext }) =>
      posix.join(dir.replace(/(^|\/)src\/main\//, '$1src/test/'), `${name}Test${ext}`),
  },
  shellscript: {
    frameworks: [
      ['Bats', /\bbats\b|@test\b/i],
      ['shUnit2', /\bshunit2\b/i],
      ['ShellSpec', /\bshellspec\b/i],
    ],
    path: ({ name, ext }, framework) =>
      posix.join('test', framework === 'Bats' ? `${name}.bats` : `${name}_test${ext}`),
  },
  powershell: { frameworks: [['Pester', /\bpester\b/i]], path: beside((name) => `${name}.Tests`) },
  swift: {
    frameworks: [
      ['XCTest', /\bXCTest\b/],
      ['Swift Testing', /\bimport Testing\b/],
    ],
    path: within('Tests', (name) => `${name}Tests`),
  },
  scala: {
    frameworks: [
      ['ScalaTest', /\bscalatest\b/i],
      ['MUnit', /\bmunit\b/i],
    ],
    path: ({ dir, name, ext }) =>
      posix.join(dir.replace(/(^|\/)src\/main\//, '$1src/test/'), `${name}Test${ext}`),
  },
  elixir: {
    frameworks: [['ExUnit', /\bExUnit\b/]],
    path: ({ name }) => posix.join('test', `${name}_test.exs`),
  },
  dart: { frameworks: [['package:test', /package:test/]], path: within('test', (name) => `${name}_test`) },
  lua: { frameworks: [['busted', /\bbusted\b/]], path: within('spec', (name) => `${name}_spec`) },
  perl: { frameworks: [['Test::More', /Test::More/]], path: ({ name }) => posix.join('t', `${name}.t`) },
  r: {
    frameworks: [['testthat', /\btestthat\b/]],
    path: ({ name }) => posix.join('tests', 'testthat', `test-${name}.R`),
  },
  haskell: { frameworks: [['Hspec', /\bhspec\b/i]], path: within('test', (name) => `${name}Spec`) },
  groovy: {
    frameworks: [['Spock', /\bspock\b/i]],
    path: ({ dir, name, ext }) =>
      posix.join(dir.replace(/(^|\/)src\/main\//, '$1src/test/'), `${name}Spec${ext}`),
  },
};

/** @param path of the source, relative to the project's root */
export function genericPlan(languageId: string, path: string, facts: ProjectFacts): GenericPlan {
  const [example] = facts.tests;
  const usual: Usual | undefined = Object.hasOwn(USUAL, languageId) ? USUAL[languageId] : undefined;
  const { framework, reason } = chooseFramework(languageId, usual, facts);
  const source = posix.parse(path);
  const own =
    (example && likeExample(source, example.path, facts.files)) ??
    usual?.path(source, framework) ??
    beside((name) => `${name}_test`)(source);
  const target = freePath(own, facts.files);
  return { framework, reason, path: target, ...(example === undefined ? {} : { example }) };
}

function chooseFramework(
  languageId: string,
  usual: Usual | undefined,
  { tests, manifests }: ProjectFacts,
): Pick<GenericPlan, 'framework' | 'reason'> {
  if (usual === undefined)
    return {
      framework: `the usual test framework of ${languageId}`,
      reason: tests[0] === undefined ? 'none is known here' : `as in ${tests[0].path}`,
    };
  const texts: [path: string, text: string][] = [
    ...tests.map(({ path, text }): [string, string] => [path, text]),
    ...manifests,
  ];
  for (const [path, text] of texts) {
    const named = usual.frameworks.find(([, words]) => words.test(text));
    if (named !== undefined) return { framework: named[0], reason: `${path} names it` };
  }
  return { framework: usual.frameworks[0][0], reason: 'the project names none, and it is usual' };
}

const MARK =
  /^(?<before>(?:test|spec)[_.-]|Test(?=[A-Z]))?(?<name>.+?)(?<after>[_.-](?:tests?|spec)|Tests?|Spec)?$/;
const TEST_FOLDER = /^(?:tests?|specs?|t|__tests__|.*[._-]tests?)$/i;

/** Named and placed as another test is; undefined where its name shows no way. */
function likeExample(
  { dir, name, ext }: ParsedPath,
  example: string,
  files: ReadonlySet<string>,
): string | undefined {
  const other = posix.parse(example);
  const { before = '', after = '', name: subject = '' } = MARK.exec(other.name)?.groups ?? {};
  const marked = before !== '' || after !== '';
  const folders = other.dir.split('/');
  const top = folders.findIndex((folder) => TEST_FOLDER.test(folder));
  if (!marked && top < 0) return undefined;
  const cased = /^[A-Z]/.test(subject) ? pascal(name) : /_/.test(after + before) ? snake(name) : name;
  const file = before + cased + after + (other.ext === '' ? ext : other.ext);
  if (top < 0) return posix.join(dir, file);
  // A folder of tests may mirror that of the sources, without its first one.
  const inner = dir.split('/').slice(1).join('/');
  const mirrored = posix.join(folders.slice(0, top + 1).join('/'), inner);
  const isThere = [...files].some((path) => path.startsWith(`${mirrored}/`));
  return posix.join(isThere ? mirrored : other.dir, file);
}

/** A file that is there is left alone: without knowing its language nothing can be put into it safely. */
function freePath(path: string, files: ReadonlySet<string>): string {
  const { dir, name, ext } = posix.parse(path);
  let free = path;
  for (let number = 2; files.has(free); number++) {
    const { before = '', name: subject = '', after = '' } = MARK.exec(name)?.groups ?? {};
    free = posix.join(dir, `${before}${subject}${number}${after}${ext}`);
  }
  return free;
}
