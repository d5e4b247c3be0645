/** The engine's owner with all that follows it: sleep, history, and what the status shows of them. */
import { totalmem } from 'node:os';
import type { Clock } from '../completion/clock';
import { availableMemory } from '../inference/store/availableMemory';
import { SessionRegistry } from '../inference/store/sessionRegistry';
import { AbandonedThreads } from '../inference/worker/abandonedThreads';
import { createWorkerEngine } from '../inference/worker/workerEngine';
import type { EngineFacts } from './engineReport';
import { EngineHistory } from './engineHistory';
import { EngineService } from './engineService';
import { EngineSleep } from './engineSleep';
import { IdleVerification } from './idleVerification';
import type { LogChannel } from './log';
import { memoryNeed, planModel, type PlanSurroundings } from './modelPlan';
import { RestartPolicy } from './restartPolicy';
import type { SettingValues } from './settingValues';
import type { SpeedMemory } from './speedMemory';

export interface EnginePartsDeps {
  readonly settings: () => SettingValues;
  readonly surroundings: PlanSurroundings;
  /** Folder of all large files. */
  readonly root: string;
  readonly sessionsDir: string;
  readonly workerFile: string;
  readonly probeFile: string;
  readonly versions: EngineFacts['versions'];
  /** Remembers how fast models are on this machine. */
  readonly speeds: SpeedMemory;
  readonly clock: Clock;
  readonly log: LogChannel;
}

export interface EngineParts {
  readonly engines: EngineService;
  /** Whether the engine is started again by itself. */
  readonly restarts: RestartPolicy;
  /** What is to be shown of the engine now. */
  facts(): Promise<EngineFacts>;
  /** Ends everything; resolves when the native run has ended and nothing of this process is left to be seen. */
  close(): Promise<void>;
}

/** Makes the parts; nothing is loaded before it is wanted. */
export function makeEngineParts(deps: EnginePartsDeps): EngineParts {
  const { settings, surroundings, clock, log } = deps;
  const now = (): number => clock.now();
  const debug = (line: string): void => log.debug(line);
  const registry = new SessionRegistry({ dir: deps.sessionsDir });
  const sleep = new EngineSleep({
    registry,
    availableMemory,
    memoryOf: (load) => memoryNeed(load, settings()),
    idleMinutes: () => settings().idleMinutes,
    clock,
    wallClock: Date.now,
    log: debug,
  });
  const history = new EngineHistory(deps.speeds, now);
  const abandoned = new AbandonedThreads();
  const plan = () => planModel(settings(), surroundings);
  const restarts = new RestartPolicy();
  const engines = new EngineService({
    plan,
    createEngine: (load) => {
      const { workerFile, probeFile } = deps;
      return history.observe(
        createWorkerEngine({ load, workerFile, probeFile, abandoned, log: (line) => log.info(line) }),
      );
    },
    beforeLoad: (load, onWaiting, signal) => sleep.prepare(load, onWaiting, signal),
    restarts,
    now,
    log: debug,
  });
  sleep.watch(engines);
  history.watch(engines);
  const verification = new IdleVerification({ engines, plan, clock, log: debug });
  return {
    engines,
    restarts,
    facts: async () => ({
      ...engineFacts(deps, engines, history),
      memory: {
        processBytes: process.memoryUsage.rss(),
        availableBytes: await availableMemory(),
        totalBytes: totalmem(),
      },
      others: await registry.others(),
      files: await files(deps),
    }),
    close: async () => {
      verification.dispose();
      history.dispose();
      await engines.dispose();
      // Only now is the memory free that other windows may wait for.
      await sleep.dispose();
    },
  };
}

function engineFacts(
  { settings, surroundings, versions, clock }: EnginePartsDeps,
  engines: EngineService,
  { model, speeds }: EngineHistory,
): Omit<EngineFacts, 'memory' | 'others' | 'files'> {
  return {
    status: engines.status,
    model,
    settings: settings(),
    logicalProcessors: surroundings.logicalProcessors,
    idleMs: clock.now() - engines.lastUsed,
    requests: {
      recent: speeds.recent,
      speed: speeds.speed(),
      cachedPart: speeds.cachedPart(),
      draftedPart: speeds.draftedPart(),
    },
    versions,
  };
}

async function files({ settings, surroundings, root }: EnginePartsDeps): Promise<EngineFacts['files']> {
  const weights = await planModel(settings(), surroundings).then(
    ({ modelPath }): EngineFacts['files'] => [['weights', modelPath]],
    // The headline says already that they are not there.
    () => [],
  );
  return [...weights, ['converted for the engine', surroundings.convertedDir], ['all large files', root]];
}
