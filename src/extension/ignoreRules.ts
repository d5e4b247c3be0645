/** Which files of a folder are left alone: what Git ignores, what `.qwenignore` names, and what looks secret. */
import ignore, { type Ignore } from 'ignore';

/** Never read unless a person names them: they hold keys and passwords, or look as if they did. */
export const SECRETS = [
  '.env*',
  '!.env.example',
  '!.env.sample',
  '!.env.template',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  '*.ppk',
  '*.jks',
  '*.keystore',
  '*.kdbx',
  'id_rsa*',
  'id_dsa*',
  'id_ecdsa*',
  'id_ed25519*',
  'credentials*',
  '.credentials*',
  'secrets*',
  '.secrets*',
  '.netrc',
  '_netrc',
  '.npmrc',
  '.yarnrc*',
  '.pypirc',
  '.pgpass',
  '.htpasswd',
  '.git-credentials',
  '.ssh/',
  '.aws/',
  '.gnupg/',
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

/** The file in which a person names what this extension leaves alone, in the syntax of `.gitignore`. */
export const OWN_IGNORE_FILE = '.qwenignore';
export const IGNORE_FILES = ['.gitignore', OWN_IGNORE_FILE] as const;

export class IgnoreRules {
  readonly #common: Ignore;
  /** Rules by the folder they stand in; the workspace folder is the empty text. */
  readonly #folders = new Map<string, Ignore>();

  /** @param common rules for every folder; by default what is generated and what looks secret */
  constructor(common: readonly string[] = [...GENERATED, ...SECRETS]) {
    this.#common = ignore().add([...common]);
  }

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
