/** An engine for as long as a command needs it. */
import { join } from 'node:path';
import type { Engine, EngineStatus, LoadedModel, LoadPhase, PreviousEnd } from '../inference/engine';
import { createWorkerEngine } from '../inference/worker/workerEngine';
import type { CliContext } from './cliContext';
import { planLoad, type EngineOptions } from './engineOptions';

const PHASES: Readonly<Record<LoadPhase, string>> = {
  probing: 'Looking whether the native library works here',
  verifying: 'Checking the weights',
  measuring: 'Measuring which variant suits this machine (once)',
  converting: 'Converting the weights (once)',
  loading: 'Loading the model',
};

/**
 * Loads the model, runs the work and frees everything, also after a failure. An interrupt disposes of the engine,
 * which makes the work fail at the next token; the native run that is under way ends before this function does.
 *
 * @throws EngineError, CliError, and what the work throws
 */
export async function withEngine<T>(
  options: EngineOptions,
  { terminal, interrupt, distDir }: CliContext,
  work: (engine: Engine, model: LoadedModel) => Promise<T>,
): Promise<T> {
  const engine = createWorkerEngine({
    load: await planLoad(options),
    workerFile: join(distDir, 'worker.js'),
    probeFile: join(distDir, 'nativeProbe.js'),
    log: (line) => terminal.detail(line),
  });
  const onInterrupt = (): void => void engine.dispose();
  interrupt.signal.addEventListener('abort', onInterrupt, { once: true });
  try {
    if (interrupt.signal.aborted) onInterrupt();
    const unlisten = engine.onStatus((status) => {
      if (status.state === 'loading') terminal.status(loadingInWords(status));
    });
    const model = await engine.start().finally(unlisten);
    terminal.clearStatus();
    const end = model.previousEnd;
    if (end !== undefined && end.phase !== 'idle') terminal.note(endInWords(end));
    if (model.choice !== undefined) terminal.detail(`variant ${model.variant}: ${model.choice.reason}`);
    return await work(engine, model);
  } finally {
    interrupt.signal.removeEventListener('abort', onInterrupt);
    await engine.dispose();
    terminal.clearStatus();
  }
}

function loadingInWords({ phase, fraction }: Extract<EngineStatus, { state: 'loading' }>): string {
  return `${PHASES[phase]}${fraction === undefined ? '' : ` ${Math.floor(100 * fraction)} %`}`;
}

/** Careful: it may have been the person or the system that ended it. */
function endInWords({ phase, model, variant }: PreviousEnd): string {
  const doing = phase === 'loading' ? 'loading' : 'working with';
  return (
    `An earlier session ended unexpectedly while it was ${doing} ${model} (${variant}). If it was not you who ended ` +
    'it, --variant exact, which is slower, or a smaller --model may help.'
  );
}

/** Name and variant, for a person. */
export const modelInWords = ({ name, variant, threads }: LoadedModel): string =>
  `${name}, ${variant} variant, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
