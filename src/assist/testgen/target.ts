/** Where the tests of a file go, and how they import what they test: as the project's other tests do it. */
import { posix } from 'node:path';
import { isScript, nearestManifests, readJson, type Framework, type ProjectFacts } from './framework';

export interface TestTarget {
  /** Relative to the project's root. */
  readonly path: string;
  /** Whether that file is there, and is extended. */
  readonly exists: boolean;
  /** The module as the tests import it; the package in Go and Java; empty where nothing is imported. */
  readonly module: string;
  /** `require` instead of `import`. */
  readonly commonJs: boolean;
}

export interface TestSource {
  readonly languageId: string;
  /** Relative to the project's root. */
  readonly path: string;
  readonly text: string;
}

export function testTarget(source: TestSource, framework: Framework, facts: ProjectFacts): TestTarget {
  if (source.languageId === 'python') return pythonTarget(source.path, facts);
  if (isScript(source.languageId)) return scriptTarget(source, framework, facts);
  const { dir, name, ext } = posix.parse(source.path);
  const at = (path: string, module: string): TestTarget => ({
    path,
    exists: facts.files.has(path),
    module,
    commonJs: false,
  });
  switch (framework.id) {
    case 'go':
      return at(posix.join(dir, `${name}_test.go`), /^\s*package\s+(\w+)/m.exec(source.text)?.[1] ?? 'main');
    case 'cargo':
      return { path: source.path, exists: true, module: '', commonJs: false };
    case 'junit': {
      const folder = dir.replace(/(^|\/)src\/main\/java(?=\/|$)/, '$1src/test/java');
      const module = /^\s*package\s+([\w.]+)\s*;/m.exec(source.text)?.[1] ?? '';
      return at(posix.join(folder, `${name}Test.java`), module);
    }
    default:
      return at(posix.join(dir, `${name}_test${ext}`), name);
  }
}

function pythonTarget(path: string, { files }: ProjectFacts): TestTarget {
  const { dir, name } = posix.parse(path);
  const names = [`test_${name}.py`, `${name}_test.py`];
  const existing = nearest(
    path,
    [...files].filter((file) => names.includes(posix.basename(file))),
  );
  const module = pythonModule(path, files);
  if (existing !== undefined)
    return { path: existing, exists: true, module: moduleFor(existing), commonJs: false };
  const tests = [...files].filter((file) => /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/.test(file));
  const suffix = tests.length > 0 && tests.every((file) => file.endsWith('_test.py'));
  const own = suffix ? `${name}_test.py` : `test_${name}.py`;
  const folder = pythonFolder(dir, tests, files);
  const target = posix.join(folder, own);
  return { path: target, exists: false, module: moduleFor(target), commonJs: false };

  function moduleFor(test: string): string {
    // pytest puts the test's own folder on the path, where that is no package.
    const plain =
      posix.dirname(test) === (dir === '' ? '.' : dir) && !files.has(posix.join(dir, '__init__.py'));
    return plain ? name : module;
  }
}

function pythonFolder(dir: string, tests: readonly string[], files: ReadonlySet<string>): string {
  const beside = tests.find((file) => posix.dirname(file) === (dir === '' ? '.' : dir));
  if (beside !== undefined) return dir;
  const [near] = tests.length > 0 ? [nearest(posix.join(dir, 'x'), tests)] : [];
  if (near !== undefined) {
    const top = /^(.*?(?:^|\/)tests?)(?:\/|$)/.exec(posix.dirname(near))?.[1];
    return top ?? posix.dirname(near);
  }
  return [...files].some((file) => file.startsWith('tests/')) ? 'tests' : dir;
}

/** Dotted, from the first folder that is no package; `src/` is a root of its own. */
function pythonModule(path: string, files: ReadonlySet<string>): string {
  const { dir, name } = posix.parse(path);
  const parts = dir === '' ? [] : dir.split('/');
  const source = parts.lastIndexOf('src');
  const inside = source >= 0 ? parts.slice(source + 1) : parts;
  const offset = parts.length - inside.length;
  // Above a package only folders that are none: the package's parent is the root.
  let first = inside.length;
  while (first > 0 && files.has([...parts.slice(0, offset + first), '__init__.py'].join('/'))) first--;
  const packages = first === inside.length ? inside : inside.slice(first);
  return [...packages, ...(name === '__init__' ? [] : [name])].join('.');
}

const SCRIPT_TEST = /(?:[._-](?:test|spec))\.[cm]?[jt]sx?$/;

function scriptTarget(
  { path, text, languageId }: TestSource,
  framework: Framework,
  facts: ProjectFacts,
): TestTarget {
  const { dir, name, ext } = posix.parse(path);
  const { files } = facts;
  const tests = [...files].filter((file) => SCRIPT_TEST.test(file) || /(?:^|\/)__tests__\//.test(file));
  const own = tests.filter((file) => posix.basename(file).replace(SCRIPT_TEST, '') === name);
  const existing = nearest(path, own);
  const like = nearest(path, tests);
  const target = existing ?? newScriptPath(dir, name, ext, like, files, framework);
  const [manifest] = nearestManifests(path, 'package.json', facts.manifests);
  const isModule = ext === '.mjs' || ext === '.mts' || readJson(manifest?.[1] ?? '{}').type === 'module';
  const usesRequire = /\bmodule\.exports\b|\bexports\.\w+\s*=/.test(text);
  const commonJs =
    usesRequire ||
    (!languageId.startsWith('typescript') && !isModule && !/^\s*(?:import|export)\b/m.test(text));
  const from = posix.relative(posix.dirname(target), posix.join(dir, name));
  const relative = from.startsWith('.') ? from : `./${from}`;
  return { path: target, exists: existing !== undefined, module: relative + importSuffix(), commonJs };

  /** As other tests write it; where there are none, what Node itself needs. */
  function importSuffix(): string {
    for (const test of facts.tests) {
      const found = /from ['"]\.[^'"]*?(\.[cm]?[jt]sx?)?['"]/.exec(test.text);
      if (found !== null)
        return found[1] === undefined ? '' : found[1].replace(/[jt]s/, found[1].includes('t') ? 'ts' : 'js');
    }
    if (framework.id === 'node:test') return ext;
    return isModule && !languageId.startsWith('typescript') && framework.id !== 'vitest' ? ext : '';
  }
}

function newScriptPath(
  dir: string,
  name: string,
  ext: string,
  like: string | undefined,
  files: ReadonlySet<string>,
  framework: Framework,
): string {
  const word = like === undefined ? 'test' : (/[._-](test|spec)\.[^.]+$/.exec(like)?.[1] ?? 'test');
  const file = `${name}.${word}${ext}`;
  if (like === undefined) {
    const folder = ['test', 'tests'].find((each) => [...files].some((path) => path.startsWith(`${each}/`)));
    if (folder !== undefined) return posix.join(folder, file);
    return framework.id === 'mocha' ? posix.join('test', file) : posix.join(dir, file);
  }
  const folder = posix.dirname(like);
  if (/(?:^|\/)__tests__$/.test(folder))
    return posix.join(dir, '__tests__', posix.basename(like).includes(`.${word}.`) ? file : name + ext);
  const top = /^(.*?(?:^|\/)(?:tests?|spec))(?:\/|$)/.exec(folder)?.[1];
  if (top === undefined) return posix.join(dir, file);
  // A folder of tests that mirrors the sources does so below `src`.
  const inner = dir.replace(/^(?:.*\/)?(?:src|lib)(?:\/|$)/, '');
  const mirrored = posix.join(top, inner);
  return posix.join([...files].some((path) => path.startsWith(`${mirrored}/`)) ? mirrored : top, file);
}

/** The path that has the most folders in common with another one. */
function nearest(path: string, candidates: readonly string[]): string | undefined {
  const parts = path.split('/');
  const common = (other: string): number => {
    const others = other.split('/');
    const differs = parts.findIndex((part, index) => part !== others[index]);
    return differs < 0 ? parts.length : differs;
  };
  return [...candidates].sort((a, b) => common(b) - common(a) || a.length - b.length)[0];
}
