/** The keystroke replay with the real engines. */
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../../../src/inference/engine';
import { seededRandom } from '../../../../src/inference/random';
import { NativeInfillServer } from './llamaVscode/infillServer';
import { LlamaVscode } from './llamaVscode/llamaVscode';
import { fileLine, measureReplay, type FileReplayed } from './measureReplay';
import { OurAssistant } from './ourAssistant';
import { ReplayClock } from './replayClock';
import { replaySources } from './sources';

export interface ReplayArguments {
  /** Folder of `ensureReplaySources`. */
  readonly sources: string;
  readonly modelPath: string;
  /** The native `llama-server`. */
  readonly serverProgram: string;
  readonly threads: number;
  /** Files of each language. */
  readonly limit?: number;
}

export const REPLAY_NAMES = { ours: 'ours', other: 'llama.vscode' } as const;

/** Of the opponent's choice of lines. */
const RANDOM_SEED = 1;

/** @param engine ours; it is loaded here, so that no file is charged for it */
export async function runReplay(engine: Engine, args: ReplayArguments): Promise<FileReplayed[]> {
  const { sources, modelPath, serverProgram: program, threads, limit = Infinity } = args;
  const clock = new ReplayClock();
  await engine.start();
  const server = await NativeInfillServer.start({ program, modelPath, threads }, clock);
  const ours = new OurAssistant(engine, clock);
  try {
    const other = new LlamaVscode({
      ...{ server, clock, random: seededRandom(RANDOM_SEED) },
      time: () => Date.now(),
      filename: (uri) => fileURLToPath(uri),
    });
    const all = replaySources(sources);
    const counts = new Map<string, number>();
    const chosen = all.filter(({ file: { languageId } }) => {
      const count = (counts.get(languageId) ?? 0) + 1;
      counts.set(languageId, count);
      return count <= limit;
    });
    return await measureReplay(chosen, [ours, other], clock, (file) => console.log(fileLine(file)));
  } finally {
    ours.dispose();
    await server.stop();
  }
}
