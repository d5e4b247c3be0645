/**
 * The file operations that the store uses, as an object that can be passed in: a test replaces it by one in which
 * the disk is full, a rename fails, or the process dies at the n-th call.
 */
import {
  copyFile,
  link,
  mkdir,
  open,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  utimes,
  writeFile,
} from 'node:fs/promises';

/** What is looked at of a file; times in milliseconds since 1970, sizes in bytes. */
export interface FileFacts {
  readonly size: number;
  readonly mtimeMs: number;
  readonly mtime: Date;
  readonly ino: number;
  readonly dev: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

/** An open file. */
export interface OpenFile {
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<{ bytesRead: number }>;
  write(
    from: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): Promise<{ bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  sync(): Promise<void>;
  stat(): Promise<FileFacts>;
  close(): Promise<void>;
}

/** As `node:fs/promises`, with its errors. */
export interface FileLayer {
  readonly open: (path: string, flags: string) => Promise<OpenFile>;
  readonly mkdir: (path: string, options?: { readonly recursive?: boolean }) => Promise<unknown>;
  readonly readdir: (path: string) => Promise<string[]>;
  readonly readFile: (path: string, encoding: 'utf8') => Promise<string>;
  readonly writeFile: (path: string, content: string | Uint8Array) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly rm: (
    path: string,
    options?: { readonly recursive?: boolean; readonly force?: boolean },
  ) => Promise<void>;
  readonly rmdir: (path: string) => Promise<void>;
  readonly stat: (path: string) => Promise<FileFacts>;
  readonly statfs: (path: string) => Promise<{ readonly bavail: number; readonly bsize: number }>;
  readonly utimes: (path: string, accessed: Date, modified: Date) => Promise<void>;
  readonly link: (existing: string, added: string) => Promise<void>;
  readonly copyFile: (from: string, to: string) => Promise<void>;
  readonly realpath: (path: string) => Promise<string>;
}

/** The real files of this machine. */
export const NODE_FILES: FileLayer = {
  open,
  mkdir,
  readdir,
  readFile,
  writeFile,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  utimes,
  link,
  copyFile,
  realpath,
};

/** The code that the system gave a failure, such as `ENOENT`. */
export function systemCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
