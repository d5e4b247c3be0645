/** A file layer in which the n-th call goes wrong. */
import { NODE_FILES, type FileLayer, type OpenFile } from '../../src/inference/store/fileLayer';

export interface Fault {
  /** Which call goes wrong, from 0; calls on open files count too. */
  readonly at: number;
  /** The system's code that it fails with, or `kill`: the process ends before the call is made. */
  readonly what: 'ENOSPC' | 'EROFS' | 'EACCES' | 'EIO' | 'EPERM' | 'kill';
  /** So do all later calls: a disk stays full. Default: only that one. */
  readonly forGood?: boolean;
  /** Calls that count, by name. Default: all. */
  readonly only?: (call: string) => boolean;
}

/** Calls that change what is on the disk; a full or a read-only one refuses these and no others. */
export const isWrite = (call: string): boolean =>
  [
    'mkdir',
    'writeFile',
    'rename',
    'utimes',
    'link',
    'copyFile',
    'open for writing',
    'write',
    'sync',
  ].includes(call);

export interface FaultyFiles {
  readonly files: FileLayer;
  /** Names of the calls that counted, in order. */
  readonly calls: readonly string[];
}

export function faultyFiles(fault?: Fault): FaultyFiles {
  const calls: string[] = [];
  const before = (call: string): void => {
    if (fault?.only?.(call) === false) return;
    const number = calls.push(call) - 1;
    if (fault === undefined || number < fault.at || (number > fault.at && fault.forGood !== true)) return;
    if (fault.what === 'kill') process.kill(process.pid, 'SIGKILL');
    throw Object.assign(new Error(`${fault.what}: injected into ${call}`), { code: fault.what });
  };
  const counted =
    <A extends unknown[], R>(call: string, work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      before(call);
      return work(...args);
    };
  const counting = (file: OpenFile): OpenFile => ({
    read: counted('read', (...args: Parameters<OpenFile['read']>) => file.read(...args)),
    write: counted('write', (...args: Parameters<OpenFile['write']>) => file.write(...args)),
    truncate: counted('write', (length: number) => file.truncate(length)),
    sync: counted('sync', () => file.sync()),
    stat: counted('stat', () => file.stat()),
    close: async () => {
      // Closed in any case: a descriptor that leaks would be the test's own fault.
      const closed = file.close();
      before('close');
      return closed;
    },
  });
  const files: FileLayer = {
    open: async (path, flags) => {
      before(flags === 'r' ? 'open' : 'open for writing');
      return counting(await NODE_FILES.open(path, flags));
    },
    mkdir: counted('mkdir', NODE_FILES.mkdir),
    readdir: counted('readdir', NODE_FILES.readdir),
    readFile: counted('readFile', NODE_FILES.readFile),
    writeFile: counted('writeFile', NODE_FILES.writeFile),
    rename: counted('rename', NODE_FILES.rename),
    rm: counted('rm', NODE_FILES.rm),
    rmdir: counted('rmdir', NODE_FILES.rmdir),
    stat: counted('stat', NODE_FILES.stat),
    statfs: counted('statfs', NODE_FILES.statfs),
    utimes: counted('utimes', NODE_FILES.utimes),
    link: counted('link', NODE_FILES.link),
    copyFile: counted('copyFile', NODE_FILES.copyFile),
    realpath: counted('realpath', NODE_FILES.realpath),
  };
  return { files, calls };
}
