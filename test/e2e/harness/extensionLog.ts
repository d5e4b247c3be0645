/** The extension's log as it lies on disk: what the engine was asked, without looking into the extension. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EditorServer } from './editor';

/** Passed to the workbench so that the extension writes a line for every request. */
export const DEBUG_LOG = ['logLevel', 'qwen-coder-local.qwen-coder-local:debug'] as const;

/** One call to completion, as the extension's trace line says it. */
export interface LoggedCall {
  readonly trigger: string;
  /** `suggestion`, or why there is none. */
  readonly result: string;
  /** `engine`, `cache` or `typed-along`; empty without a suggestion. */
  readonly source: string;
  /** Tokens that the engine has written for this call; 0 where it was not asked. */
  readonly generatedTokens: number;
  /** Whether the engine was asked for this call, or its work for an earlier one was waited for. */
  readonly askedEngine: boolean;
}

/** What the extension has written in all windows so far, oldest window first. */
export function extensionLog(server: EditorServer): string {
  const root = join(server.dataFolder, 'logs');
  if (!existsSync(root)) return '';
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('Qwen Coder Local.log'))
    .map((name) => join(root, name))
    .map((path) => ({ path, born: statSync(path).birthtimeMs }))
    .sort((a, b) => a.born - b.born)
    .map(({ path }) => readFileSync(path, 'utf8'))
    .join('');
}

/** The calls to completion in a piece of the log, oldest first. */
export function loggedCalls(log: string): LoggedCall[] {
  return [...log.matchAll(/languageId=\S+ .*\bresult=.*$/gm)].map(([line]) => {
    const field = (name: string): string => new RegExp(`\\b${name}=(\\S+)`).exec(line)?.[1] ?? '';
    return {
      trigger: field('trigger'),
      result: field('result'),
      source: field('source'),
      generatedTokens: Number(field('generatedTokens') || 0),
      askedEngine: field('estimatedPromptTokens') !== '',
    };
  });
}

/**
 * Marks the log's present end.
 *
 * @returns reads what has been written since
 */
export function markLog(server: EditorServer): () => string {
  const from = extensionLog(server).length;
  return () => extensionLog(server).slice(from);
}

/** Waits until the log, or a piece of it, says something. */
export async function untilLogged(read: () => string, what: RegExp, limitMs = 60_000): Promise<string> {
  const limit = Date.now() + limitMs;
  for (;;) {
    const log = read();
    if (what.test(log)) return log;
    if (Date.now() > limit) throw new Error(`not logged within ${limitMs} ms: ${String(what)}\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
