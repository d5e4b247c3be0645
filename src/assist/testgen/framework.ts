/** Which test framework a project uses, told from its manifests and its tests. */

export type FrameworkId =
  'pytest' | 'unittest' | 'vitest' | 'jest' | 'mocha' | 'node:test' | 'go' | 'cargo' | 'junit' | 'generic';

/** What is known of the project. Paths are relative to its root, with slashes. */
export interface ProjectFacts {
  /** Texts of manifests by path: `package.json`, `pyproject.toml` and the like. */
  readonly manifests: ReadonlyMap<string, string>;
  /** Some of the tests, those near the code first. */
  readonly tests: readonly { readonly path: string; readonly text: string }[];
  /** All source files' paths that are known. */
  readonly files: ReadonlySet<string>;
}

export interface Framework {
  readonly id: FrameworkId;
  /** Why this one, for the person. */
  readonly reason: string;
  /** Modules that assertions come from, where the framework has none of its own. */
  readonly assertions?: 'chai' | 'node';
  /** JUnit 4 or 5. */
  readonly major?: 4 | 5;
}

const SCRIPTS = new Set(['javascript', 'javascriptreact', 'typescript', 'typescriptreact']);
export const isScript = (languageId: string): boolean => SCRIPTS.has(languageId);

export function detectFramework(languageId: string, sourcePath: string, facts: ProjectFacts): Framework {
  if (languageId === 'python') return pythonFramework(facts);
  if (isScript(languageId)) return scriptFramework(sourcePath, facts);
  if (languageId === 'go') return { id: 'go', reason: 'Go has one' };
  if (languageId === 'rust') return { id: 'cargo', reason: 'Cargo has one' };
  if (languageId === 'java') return javaFramework(facts);
  return { id: 'generic', reason: `nothing is known of tests in ${languageId}` };
}

function pythonFramework({ manifests, tests, files }: ProjectFacts): Framework {
  for (const { path, text } of tests) {
    if (/^\s*(?:import pytest|from pytest)/m.test(text))
      return { id: 'pytest', reason: `${path} imports it` };
  }
  const named = [...manifests].find(
    ([path, text]) =>
      /(?:pyproject\.toml|\.cfg|\.ini|requirements[^/]*\.txt|Pipfile)$/.test(path) && /\bpytest\b/.test(text),
  );
  if (named !== undefined) return { id: 'pytest', reason: `${named[0]} names it` };
  if ([...files].some((path) => /(?:^|\/)(?:conftest\.py|pytest\.ini)$/.test(path))) {
    return { id: 'pytest', reason: 'there is a conftest.py' };
  }
  for (const { path, text } of tests) {
    if (/unittest\.TestCase|\(TestCase\)/.test(text)) return { id: 'unittest', reason: `${path} uses it` };
    if (/^def test_/m.test(text)) return { id: 'pytest', reason: `${path} has test functions` };
  }
  return { id: 'pytest', reason: 'the project names none' };
}

const SCRIPT_FRAMEWORKS = ['vitest', 'jest', 'mocha'] as const;

function scriptFramework(sourcePath: string, facts: ProjectFacts): Framework {
  const assertions = (text: string): Pick<Framework, 'assertions'> => ({
    assertions: /["'](?:chai)["']/.test(text) ? 'chai' : 'node',
  });
  for (const [path, text] of nearestManifests(sourcePath, 'package.json', facts.manifests)) {
    const { scripts = {}, dependencies = {}, devDependencies = {} } = readJson(text);
    const test = Object.values(scripts)
      .filter((script) => typeof script === 'string')
      .join('\n');
    for (const id of SCRIPT_FRAMEWORKS) {
      if (new RegExp(`(?:^|[\\s/])${id}\\b`, 'm').test(test) || id in dependencies || id in devDependencies) {
        return { id, reason: `${path} names it`, ...assertions(text) };
      }
    }
    if (/\bnode\b.*--test\b/.test(test)) return { id: 'node:test', reason: `a script of ${path} runs it` };
  }
  for (const { path, text } of facts.tests) {
    if (/['"]node:test['"]/.test(text)) return { id: 'node:test', reason: `${path} imports it` };
    if (/['"]vitest['"]/.test(text)) return { id: 'vitest', reason: `${path} imports it` };
    if (/['"]@jest\/globals['"]|\bjest\./.test(text)) return { id: 'jest', reason: `${path} uses it` };
  }
  return { id: 'node:test', reason: 'the project names none, and Node has this one' };
}

function javaFramework({ manifests, tests }: ProjectFacts): Framework {
  const texts = [...manifests.values(), ...tests.map(({ text }) => text)].join('\n');
  const old = /org\.junit\.Test\b|<artifactId>junit<|['"]junit:junit:4/.test(texts) && !/jupiter/.test(texts);
  return { id: 'junit', major: old ? 4 : 5, reason: old ? 'JUnit 4 is in use' : 'JUnit 5 is usual' };
}

/** Manifests of a name from the file's folder up to the root. */
export function nearestManifests(
  sourcePath: string,
  name: string,
  manifests: ReadonlyMap<string, string>,
): [path: string, text: string][] {
  const found: [string, string][] = [];
  const parts = sourcePath.split('/');
  for (let depth = parts.length - 1; depth >= 0; depth--) {
    const path = [...parts.slice(0, depth), name].join('/');
    const text = manifests.get(path);
    if (text !== undefined) found.push([path, text]);
  }
  return found;
}

interface PackageJson {
  readonly type?: string;
  readonly scripts?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, unknown>>;
}

/** A manifest that is being edited may be no JSON at the moment. */
export function readJson(text: string): PackageJson {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? read : {};
  } catch {
    return {};
  }
}
