/** What a person sees underlined: the errors of `tsc --strict` and of pyright, which Pylance shows as well. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface Diagnosis {
  readonly message: string;
  readonly source: string;
  /** From 0. */
  readonly line: number;
}

const TSC = [
  '--noEmit',
  '--strict',
  '--pretty',
  'false',
  '--target',
  'es2022',
  '--module',
  'esnext',
  '--moduleResolution',
  'bundler',
];

/** @param samples the folder of the installed packages and runners */
export async function diagnose(
  languageId: 'python' | 'typescript',
  samples: string,
  root: string,
  file: string,
): Promise<readonly Diagnosis[]> {
  const tools = join(samples, 'typescript', 'node_modules');
  return languageId === 'typescript'
    ? readTsc(await outputOf([join(tools, 'typescript', 'bin', 'tsc'), ...TSC, file], root), file)
    : readPyright(await outputOf([join(tools, 'pyright', 'index.js'), '--outputjson', file], root));
}

/** Of both, where an error is only told by the exit status. */
function outputOf(args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number')
        reject(new Error('could not be run', { cause: error }));
      else if (stdout === '' && stderr !== '') reject(new Error(stderr));
      else resolve(stdout);
    });
  });
}

function readTsc(output: string, file: string): Diagnosis[] {
  return [...output.matchAll(/^([^\s(]+)\((\d+),\d+\): error TS\d+: (.*(?:\n\s+.*)*)/gm)]
    .filter(([, path]) => path === file)
    .map(([, , line = '1', message = '']) => ({ message, source: 'ts', line: Number(line) - 1 }));
}

function readPyright(output: string): Diagnosis[] {
  const { generalDiagnostics } = JSON.parse(output) as PyrightOutput;
  return generalDiagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ message, range }) => ({ message, source: 'Pylance', line: range.start.line }));
}

interface PyrightOutput {
  readonly generalDiagnostics: readonly {
    readonly severity: string;
    readonly message: string;
    readonly range: { readonly start: { readonly line: number } };
  }[];
}
