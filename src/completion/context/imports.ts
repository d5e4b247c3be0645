/** What a file imports, read from its text: enough to find the files and names that its code is about to use. */

export interface ImportedName {
  /** As the module calls it. */
  readonly name: string;
  /** UTF-16 offset in the text. */
  readonly offset: number;
}

export interface Import {
  /** Segments of the module's path; `.` and `..` lead relative ones. */
  readonly path: readonly string[];
  /** Names taken out of it; none where it is taken as a whole. */
  readonly names: readonly ImportedName[];
  /** What the module as a whole is called: its members are used as `alias.member`. */
  readonly alias?: string;
}

/** Imports stand at the beginning. UTF-16 units. */
const LOOK_UNITS = 20_000;
const MAX_IMPORTS = 40;

interface Form {
  readonly pattern: RegExp;
  readonly read: (match: RegExpMatchArray & { readonly indices: RegExpIndicesArray }) => Import | undefined;
}

/** @param languageId the editor's; languages without a form have no imports */
export function importsOf(text: string, languageId: string): Import[] {
  const head = text.slice(0, LOOK_UNITS);
  const forms = Object.hasOwn(FORMS, languageId) ? (FORMS[languageId] ?? []) : [];
  return forms
    .flatMap(({ pattern, read }) =>
      [...head.matchAll(pattern)].map((match) => read(match as Parameters<Form['read']>[0])),
    )
    .filter((found) => found !== undefined)
    .slice(0, MAX_IMPORTS);
}

/** Members of a module that a text uses by its alias. */
export function usedMembers(text: string, alias: string): string[] {
  const escaped = alias.replace(/[$.]/g, '\\$&');
  const used = text.matchAll(new RegExp(`(?<![\\w$.])${escaped}(?:\\.|::|->)([A-Za-z_$][\\w$]*)`, 'g'));
  return [...new Set([...used].map(([, name = '']) => name))];
}

/** Names of a list, as in `a, b as c`: what stands before `as`. */
function listed(list: string, offset: number): ImportedName[] {
  const found: ImportedName[] = [];
  for (const match of list.matchAll(/([\p{L}_$][\p{L}\p{N}_$]*)(?:\s+as\s+[\p{L}_$][\p{L}\p{N}_$]*)?/gu)) {
    const [, name = ''] = match;
    if (name !== 'type') found.push({ name, offset: offset + match.index });
  }
  return found;
}

const group = (match: RegExpMatchArray & { readonly indices: RegExpIndicesArray }, index: number) => ({
  text: match[index] ?? '',
  at: match.indices[index]?.[0] ?? 0,
});

const slashed = (path: string): string[] =>
  path
    .replace(/\.(?:[cm]?[jt]sx?|h|hpp|hh|rb|php)$/, '')
    .split('/')
    .filter((part) => part !== '');

const lastOf = (path: readonly string[]): string => path.at(-1) ?? '';

const SCRIPT: readonly Form[] = [
  {
    pattern: /\bimport\s+(?:type\s+)?([^'";()]+?)\s*from\s*['"]([^'"\n]+)['"]/dg,
    read: (match) => {
      const clause = group(match, 1);
      const whole = /\*\s*as\s+([\w$]+)/.exec(clause.text)?.[1];
      const path = slashed(match[2] ?? '');
      return whole === undefined
        ? { path, names: listed(clause.text, clause.at) }
        : { path, names: [], alias: whole };
    },
  },
  {
    pattern: /\b(?:const|let|var)\s+(?:\{([^}]*)\}|([\w$]+))\s*=\s*require\(\s*['"]([^'"\n]+)['"]\s*\)/dg,
    read: (match) => {
      const names = group(match, 1);
      const path = slashed(match[3] ?? '');
      // In `{ a: b }` the module's own name comes first.
      const own = names.text.replace(/:\s*[\w$]+/g, (rest) => ' '.repeat(rest.length));
      const alias = match[2];
      return alias === undefined ? { path, names: listed(own, names.at) } : { path, names: [], alias };
    },
  },
];

const PYTHON: readonly Form[] = [
  {
    pattern: /^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)/dgm,
    read: (match) => {
      const dots = match[1] ?? '';
      const up = dots === '' ? [] : ['.', ...Array.from({ length: dots.length - 1 }, () => '..')];
      const names = group(match, 3);
      return { path: [...up, ...dotted(match[2] ?? '')], names: listed(names.text, names.at) };
    },
  },
  {
    pattern: /^[ \t]*import[ \t]+([\w.]+)(?:[ \t]+as[ \t]+(\w+))?[ \t]*(?:#.*)?$/dgm,
    read: (match) => ({ path: dotted(match[1] ?? ''), names: [], alias: match[2] ?? match[1] ?? '' }),
  },
];

const dotted = (path: string): string[] => path.split('.').filter((part) => part !== '');

/** `import a.b.C`: the last part is the file, and a name. */
const CLASSES: readonly Form[] = [
  {
    pattern: /^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+)[ \t]*;?[ \t]*$/dgm,
    read: (match) => {
      const path = dotted(match[1] ?? '');
      const offset = group(match, 1).at + (match[1] ?? '').length - lastOf(path).length;
      return { path, names: [{ name: lastOf(path), offset }] };
    },
  },
];

const GO: readonly Form[] = [
  {
    // A line of its own in a block, or behind `import`.
    pattern: /^[ \t]*(?:import[ \t]+)?(?:([\w.]+)[ \t]+)?"([\w./-]+)"[ \t]*$/dgm,
    read: (match) => {
      const path = slashed(match[2] ?? '');
      return path.length < 2 ? undefined : { path, names: [], alias: match[1] ?? lastOf(path) };
    },
  },
];

const RUST: readonly Form[] = [
  {
    pattern: /^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?use[ \t]+([\w:]+)::(?:\{([^}]*)\}|(\w+))[^;\n]*;/dgm,
    read: (match) => {
      const parts = (match[1] ?? '')
        .split('::')
        .filter((part) => !/^(?:crate|self|super|std|core)?$/.test(part));
      if (parts.length === 0) return undefined;
      const names = match[2] === undefined ? group(match, 3) : group(match, 2);
      return { path: parts, names: listed(names.text, names.at).filter(({ name }) => name !== 'self') };
    },
  },
];

const INCLUDES: readonly Form[] = [
  {
    pattern: /^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"/dgm,
    read: (match) => ({ path: slashed(match[1] ?? ''), names: [] }),
  },
];

const RUBY: readonly Form[] = [
  {
    pattern: /^[ \t]*require_relative[ \t(]+['"]([^'"\n]+)['"]/dgm,
    read: (match) => ({ path: ['.', ...slashed(match[1] ?? '')], names: [] }),
  },
];

const PHP: readonly Form[] = [
  {
    pattern: /^[ \t]*use[ \t]+([\w\\]+)[ \t]*;/dgm,
    read: (match) => {
      const path = (match[1] ?? '').split('\\').filter((part) => part !== '');
      const offset = group(match, 1).at + (match[1] ?? '').length - lastOf(path).length;
      return { path, names: [{ name: lastOf(path), offset }] };
    },
  },
];

const FORMS: Readonly<Record<string, readonly Form[]>> = {
  javascript: SCRIPT,
  javascriptreact: SCRIPT,
  typescript: SCRIPT,
  typescriptreact: SCRIPT,
  vue: SCRIPT,
  svelte: SCRIPT,
  python: PYTHON,
  java: CLASSES,
  kotlin: CLASSES,
  scala: CLASSES,
  go: GO,
  rust: RUST,
  c: INCLUDES,
  cpp: INCLUDES,
  'objective-c': INCLUDES,
  ruby: RUBY,
  php: PHP,
};
