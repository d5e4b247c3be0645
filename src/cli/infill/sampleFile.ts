/**
 * The file of samples, `{"task_id", "completion"}` per line. A line is written as soon as it is there, so that a run
 * that was interrupted can go on where it was.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { writeFileAtomically } from '../../inference/store/atomicFile';
import { CliError } from '../exitCodes';
import { failedFile } from '../fileFailure';
import { readJsonLines, textFields } from '../jsonLines';

export interface Sample {
  readonly task_id: string;
  readonly completion: string;
}

export class SampleFile {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  /**
   * Opens a file to add samples to. A name that ends with `.gz` means gzip.
   *
   * @param kept what the file is to begin with; written anew, since adding to a damaged end would damage what is added
   * @throws CliError where it cannot be written
   */
  static async open(path: string, kept: readonly Sample[]): Promise<SampleFile> {
    try {
      await writeFileAtomically(path, await encode(kept, path));
      return new SampleFile(path, await open(path, 'a'));
    } catch (error) {
      throw failedFile('write', path, error);
    }
  }

  /** Adds one sample; it is with the system when the promise resolves. @throws CliError */
  async add(sample: Sample): Promise<void> {
    try {
      await this.handle.appendFile(await encode([sample], this.path));
    } catch (error) {
      throw failedFile('write', this.path, error);
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** Reads samples in the file's order. @throws CliError */
export async function readSamples(path: string): Promise<Sample[]> {
  return (await readJsonLines(path)).map((line) => textFields(line, ['task_id', 'completion'], path));
}

/**
 * What a run wrote that may have been interrupted: without the line that it did not finish; nothing where there is no
 * such file.
 * @throws CliError for a file that cannot be read, or holds something else
 */
export async function readInterruptedSamples(path: string): Promise<Sample[]> {
  try {
    const lines = await readJsonLines(path, { interrupted: true });
    return lines.map((line) => textFields(line, ['task_id', 'completion'], path));
  } catch (error) {
    const cause = error instanceof CliError ? error.cause : undefined;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw error;
  }
}

/** Several compressed pieces in a row are one compressed file (RFC 1952, 2.2). */
async function encode(samples: readonly Sample[], path: string): Promise<string | Buffer> {
  const text = samples
    .map(({ task_id, completion }) => `${JSON.stringify({ task_id, completion })}\n`)
    .join('');
  return path.endsWith('.gz') ? promisify(gzip)(text) : text;
}
