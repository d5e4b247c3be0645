/** What the editor's server notes of its extension hosts, one process for each time that a window was loaded. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EditorServer } from './editor';

export interface ExtensionHost {
  readonly pid: string;
  /** `code: 0, signal: null` and the like; undefined while it runs. */
  readonly end: string | undefined;
}

const END_LIMIT_MS = 60_000;
const POLL_MS = 100;

/** All extension hosts so far, oldest first. */
export function extensionHosts(server: EditorServer): ExtensionHost[] {
  const log = readLogs(server, 'remoteagent.log');
  const ends = new Map(
    [...log.matchAll(/<(\d+)> Extension Host Process exited with (.*)\.$/gm)].map(([, pid, end]) => [
      pid,
      end,
    ]),
  );
  return [...log.matchAll(/<(\d+)> Launched Extension Host Process/g)].map(([, pid = '']) => ({
    pid,
    end: ends.get(pid),
  }));
}

/** Waits until the newest of the extension hosts that are there now has ended. @returns how */
export async function untilHostEnded(server: EditorServer, act: () => Promise<unknown>): Promise<string> {
  const pid = extensionHosts(server).at(-1)?.pid;
  await act();
  const limit = Date.now() + END_LIMIT_MS;
  for (;;) {
    const end = extensionHosts(server).find((host) => host.pid === pid)?.end;
    if (end !== undefined) return end;
    if (Date.now() > limit) throw new Error(`extension host ${pid} has not ended in ${END_LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Errors that the extension hosts have noted and in which files of the installed extensions appear. */
export function hostErrors(server: EditorServer): string[] {
  return readLogs(server, 'remoteexthost.log')
    .split(/^(?=\d{4}-\d\d-\d\d )/m)
    .filter((entry) => entry.includes('[error]') && entry.includes(server.extensionsFolder));
}

function readLogs(server: EditorServer, name: string): string {
  const root = join(server.dataFolder, 'logs');
  if (!existsSync(root)) return '';
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(name))
    .sort()
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('');
}
