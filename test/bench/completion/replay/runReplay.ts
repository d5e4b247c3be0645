/** The keystroke replay with the real engines. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CompleterOptions } from '../../../../src/completion/completer';
import type { Syntax } from '../../../../src/assist/syntax/syntax';
import { DEFAULT_CONTEXT_SOURCES } from '../../../../src/extension/settingValues';
import type { Engine } from '../../../../src/inference/engine';
import { readGguf } from '../../../../src/inference/gguf/readGguf';
import { seededRandom } from '../../../../src/inference/random';
import { tokenizerFromGguf } from '../../../../src/inference/tokenizer/fromGguf';
import { testSyntax } from '../../../support/syntax';
import { RequestLog } from '../../workload/requestLog';
import { contextOf } from '../context/packageContext';
import { NativeInfillServer } from './llamaVscode/infillServer';
import { LlamaVscode } from './llamaVscode/llamaVscode';
import { fileLine, measureReplay, type FileReplayed } from './measureReplay';
import { OurAssistant, type GatherContext } from './ourAssistant';
import { ReplayClock } from './replayClock';
import { chosenSources, nameOf, packageFiles, type ReplaySource, type SourceChoice } from './sources';

export interface ReplayArguments extends SourceChoice {
  readonly modelPath: string;
  /** The native `llama-server`; without it ours is alone. */
  readonly serverProgram?: string;
  readonly threads: number;
  /** What ours is made with. */
  readonly options?: Partial<CompleterOptions>;
  /** Each file with all that was shown goes there as a line of JSON. */
  readonly traceFile?: string;
  /** Lengths of the requests that ours has made go there as JSON. */
  readonly requestsFile?: string;
}

export const REPLAY_NAMES = { ours: 'ours', other: 'llama.vscode' } as const;

/** Of the opponent's choice of lines. */
const RANDOM_SEED = 1;

/** @param engine ours; it is loaded here, so that no file is charged for it */
export async function runReplay(engine: Engine, args: ReplayArguments): Promise<FileReplayed[]> {
  const { serverProgram: program, modelPath, threads, options, traceFile, requestsFile } = args;
  const clock = new ReplayClock();
  const syntax = testSyntax();
  const chosen = chosenSources(args);
  await engine.start();
  const server =
    program === undefined
      ? undefined
      : await NativeInfillServer.start({ program, modelPath, threads }, clock);
  const log = new RequestLog(tokenizerFromGguf((await readGguf(modelPath)).metadata));
  const ours = new OurAssistant(
    ...([engine, clock, syntax, options, gatherOf(args.sources, chosen, syntax)] as const),
    (request, generated) => log.note(request, generated),
  );
  const assistants = server === undefined ? [ours] : [ours, opponent(server, clock)];
  try {
    return await measureReplay(chosen, assistants, clock, (file) => {
      console.log(fileLine(file));
      log.endDocument(file.source.file.languageId);
      if (requestsFile !== undefined)
        writeFileSync(requestsFile, `${JSON.stringify({ sequences: log.sequences })}\n`);
      if (traceFile === undefined) return;
      appendFileSync(traceFile, `${JSON.stringify({ file: nameOf(file.source.file), ...file.outcomes })}\n`);
    });
  } finally {
    ours.dispose();
    await server?.stop();
  }
}

/** As the extension gathers it by default, by grammar and by the paths of imports. */
function gatherOf(folder: string, chosen: readonly ReplaySource[], syntax: Syntax): GatherContext {
  const tasks = new Map(
    chosen.map((source) => [source.uri, { source, files: packageFiles(folder, source) }]),
  );
  return (document) => {
    const task = tasks.get(document.uri);
    if (task === undefined) throw new Error(`${document.uri} is not one of the files to be typed`);
    return contextOf(task.source, task.files, document, DEFAULT_CONTEXT_SOURCES, syntax);
  };
}

function opponent(server: NativeInfillServer, clock: ReplayClock): LlamaVscode {
  return new LlamaVscode({
    ...{ server, clock, random: seededRandom(RANDOM_SEED) },
    time: () => Date.now(),
    filename: (uri) => fileURLToPath(uri),
  });
}
