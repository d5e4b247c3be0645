/** Which files of a folder are left alone: what Git ignores, what `.qwenignore` names, and what looks secret. */
import ignore, { type Ignore } from 'ignore';

/** Never read for a question that did not name them: they hold keys and passwords. */
const SECRETS = [
  '.env',
  '.env.*',
  '!.env.example',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  'id_rsa*',
  'id_ed25519*',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '*.kdbx',
];
/** Large, generated or of no use to a reader. */
const GENERATED = [
  '.git/',
  'node_modules/',
  '*.min.js',
  '*.map',
  'package-lock.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'Cargo.lock',
  'poetry.lock',
  'go.sum',
];

export const IGNORE_FILES = ['.gitignore', '.qwenignore'] as const;

export class IgnoreRules {
  readonly #common = ignore().add(GENERATED).add(SECRETS);
  /** Rules by the folder they stand in; the workspace folder is the empty text. */
  readonly #folders = new Map<string, Ignore>();

  /** @param folder relative to the workspace folder, without a slash at the end */
  add(folder: string, rules: string): void {
    const known = this.#folders.get(folder) ?? ignore();
    this.#folders.set(folder, known.add(rules));
  }

  /** @param path of a file, relative to the workspace folder */
  ignores(path: string): boolean {
    if (this.#common.ignores(path)) return true;
    for (const [folder, rules] of this.#folders) {
      if (folder === '') {
        if (rules.ignores(path)) return true;
      } else if (path.startsWith(`${folder}/`) && rules.ignores(path.slice(folder.length + 1))) {
        return true;
      }
    }
    return false;
  }
}
