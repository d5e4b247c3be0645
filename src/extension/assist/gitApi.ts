/** The small part of the built-in Git extension's public interface that is used here. */
import * as vscode from 'vscode';
import { diffOfNewFile } from '../../assist/commands/reading';
import { IgnoreRules, OWN_IGNORE_FILE } from '../ignoreRules';
import { pathWithin } from '../paths';
import { readTextFile } from '../textFiles';

export interface GitRepository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
  readonly state: {
    /** With untracked files, unless a setting puts these elsewhere. */
    readonly workingTreeChanges: readonly GitChange[];
    readonly indexChanges?: readonly GitChange[];
    /** Absent in older editors. */
    readonly untrackedChanges?: readonly GitChange[];
  };
  /** Unified diff of what is staged, or of the working tree. */
  diff(cached?: boolean): Promise<string>;
  /** Brings `state` up to date. */
  status(): Promise<void>;
}

interface GitChange {
  readonly uri: vscode.Uri;
  readonly status: number;
}

/** Git's public interface numbers the states of a file. */
const UNTRACKED = 7;
/** New files beyond these are no change that anybody reads. */
const MAX_NEW_FILES = 50;
const MAX_NEW_BYTES = 100_000;

interface GitApi {
  readonly repositories: readonly GitRepository[];
  getRepository(uri: vscode.Uri): GitRepository | null;
}

interface GitExports {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/**
 * The repository of a source-control view, else of the active editor, else the only one.
 *
 * @param view what the editor hands to a command of `scm/title`
 * @returns undefined where Git is switched off or there is no repository
 */
export async function findRepository(view?: unknown): Promise<GitRepository | undefined> {
  const extension = vscode.extensions.getExtension<GitExports>('vscode.git');
  const exports = await extension?.activate();
  const api = exports?.enabled === true ? exports.getAPI(1) : undefined;
  const { rootUri } = (view ?? {}) as { readonly rootUri?: vscode.Uri };
  const near = rootUri ?? vscode.window.activeTextEditor?.document.uri;
  return (near && api?.getRepository(near)) ?? api?.repositories[0];
}

/** As `findRepository`; where there is none, the person is told. */
export async function gitRepository(view?: unknown): Promise<GitRepository | undefined> {
  const found = await findRepository(view);
  if (found === undefined) void vscode.window.showInformationMessage('There is no Git repository here.');
  return found;
}

/** What would be committed: what is staged, else all changes, with the files that are not tracked yet. */
export async function changesOf(repository: GitRepository): Promise<string> {
  const staged = await repository.diff(true);
  if (staged.trim() !== '') return staged;
  const tracked = (await repository.diff(false)).trimEnd();
  return [tracked, ...(await newFiles(repository))].filter((part) => part !== '').join('\n');
}

/** Diffs of untracked text files. Git leaves out what it ignores; our own rules keep out what looks secret. */
async function newFiles(repository: GitRepository): Promise<string[]> {
  await repository.status();
  const { workingTreeChanges, untrackedChanges = [] } = repository.state;
  const untracked = [...workingTreeChanges, ...untrackedChanges]
    .filter(({ status }) => status === UNTRACKED)
    .map(({ uri }) => ({ uri, path: pathWithin(repository.rootUri, uri) }))
    .filter(({ path }) => path !== '');
  const rules = await rulesFor(
    repository.rootUri,
    untracked.map(({ path }) => path),
  );
  const found = untracked.filter(({ path }) => !rules.ignores(path));
  const texts = await Promise.all(
    found.slice(0, MAX_NEW_FILES).map(async ({ uri, path }) => {
      const text = await readTextFile(uri, MAX_NEW_BYTES);
      return text === undefined || text === '' ? [] : [diffOfNewFile(path, text)];
    }),
  );
  return texts.flat();
}

/** Our own rules for files, from every folder above them: read here, since a repository may lie outside of the workspace. */
async function rulesFor(root: vscode.Uri, paths: readonly string[]): Promise<IgnoreRules> {
  const rules = new IgnoreRules();
  const folders = new Set(paths.flatMap(foldersAbove));
  await Promise.all(
    [...folders].map(async (folder) => {
      const file = vscode.Uri.joinPath(root, folder, OWN_IGNORE_FILE);
      rules.add(folder, (await readTextFile(file, MAX_NEW_BYTES)) ?? '');
    }),
  );
  return rules;
}

/** `''`, `a` and `a/b` of `a/b/c.ts`. */
const foldersAbove = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .reduce<string[]>((above, name) => [...above, [above.at(-1), name].filter(Boolean).join('/')], ['']);
