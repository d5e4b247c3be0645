/** Entry point: builds the parts, connects them, and takes them down again. */
import { availableParallelism, homedir } from 'node:os';
import * as vscode from 'vscode';
import { systemClock } from '../completion/clock';
import type { CompletionOutcome } from '../completion/outcome';
import type { EngineStatus } from '../inference/engine';
import { DEFAULT_MODEL } from '../inference/store/catalogue';
import { ModelStore } from '../inference/store/modelStore';
import { convertedDir, modelsDir, processStorageEnvironment, storageRoot } from '../inference/store/paths';
import { AbandonedThreads } from '../inference/worker/abandonedThreads';
import { createWorkerEngine } from '../inference/worker/workerEngine';
import { askAfterLoad } from './askAfterLoad';
import { registerCommands } from './commands';
import { Disposables } from './disposables';
import { EngineService } from './engineService';
import { ErrorNotifier } from './errorNotifier';
import { EVERY_DOCUMENT, InlineProvider } from './inlineProvider';
import { Log } from './log';
import { planModel, type PlanSurroundings } from './modelPlan';
import { ModelSetup } from './modelSetup';
import { Presence } from './presence';
import { ProviderRegistration } from './providerRegistration';
import { proxyOptions } from './proxySettings';
import { RestartPolicy } from './restartPolicy';
import { Settings } from './settings';
import { traceLine } from './traceLine';

/** What `activate` returns. For this project's own tests; no promise to other extensions. */
export interface QwenCoderTestApi {
  engineStatus(): EngineStatus;
  /** Completion's last answer, undefined before the first. */
  lastOutcome(): CompletionOutcome | undefined;
  /** Requests of the editor so far. */
  requests(): number;
}

let shutDown: (() => Promise<void>) | undefined;

export function activate(context: vscode.ExtensionContext): QwenCoderTestApi {
  const log = new Log(vscode.window.createOutputChannel('Qwen Coder Local', { log: true }));
  context.subscriptions.push(log);
  try {
    return start(context, log);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.error(`Activation failed: ${error instanceof Error ? (error.stack ?? message) : message}`);
    void vscode.window
      .showErrorMessage(`Qwen Coder could not start: ${message}`, 'Show Log')
      .then((chosen) => chosen !== undefined && log.show());
    throw error;
  }
}

/** Resolves when the native run has ended: the host must not take the process down inside it. */
export async function deactivate(): Promise<void> {
  const end = shutDown;
  shutDown = undefined;
  await end?.();
}

function start(context: vscode.ExtensionContext, log: Log): QwenCoderTestApi {
  const owned = new Disposables();
  context.subscriptions.push(owned);
  const clock = systemClock();
  const settings = owned.add(new Settings());
  const surroundings = planSurroundings();
  const debug = (line: string): void => log.debug(line);

  const abandoned = new AbandonedThreads();
  const engines = new EngineService({
    plan: () => planModel(settings.values, surroundings),
    createEngine: (load) =>
      createWorkerEngine({
        load,
        workerFile: context.asAbsolutePath('dist/worker.js'),
        probeFile: context.asAbsolutePath('dist/nativeProbe.js'),
        log: (line) => log.info(line),
        abandoned,
      }),
    restarts: new RestartPolicy(),
    now: () => clock.now(),
    log: debug,
  });
  const provider = owned.add(
    new InlineProvider({
      engines,
      settings: (document) => settings.valuesFor(document),
      clock,
      log: debug,
      onTrace: (trace) => log.debug(traceLine(trace)),
    }),
  );
  shutDown = async () => {
    owned.dispose();
    await engines.dispose();
  };

  const errors = new ErrorNotifier(log);
  const setup = owned.add(
    new ModelSetup({
      model: DEFAULT_MODEL,
      modelsDir: surroundings.modelsDir,
      store: new ModelStore(surroundings),
      proxy: () => proxyOptions((key) => vscode.workspace.getConfiguration('http').get(key), process.env),
      settings,
      globalState: context.globalState,
      errors,
      onModel: () => {
        engines.reload('another model file');
        // The first load converts the weights: better now than at the first keystroke.
        engines.warmUp();
      },
    }),
  );

  const presence = owned.add(new Presence({ engines, settings, setup, errors, provider }));
  const facts = () => presence.facts();
  const registration = owned.add(new ProviderRegistration(EVERY_DOCUMENT, provider));
  const ask = async (): Promise<void> => {
    registration.renew();
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
  };
  owned.add(settings.onChange(() => registration.renew()));
  owned.add(askAfterLoad(engines, provider, ask));
  owned.add(
    registerCommands({
      settings,
      engines,
      setup,
      errors,
      log,
      facts,
      ask,
      extensionId: context.extension.id,
    }),
  );
  void engines.check();
  log.info(`Started; large files are kept in ${storageRoot(processStorageEnvironment())}.`);

  return {
    engineStatus: () => engines.status,
    lastOutcome: () => provider.lastOutcome,
    requests: () => provider.requests,
  };
}

function planSurroundings(): PlanSurroundings {
  const root = storageRoot(processStorageEnvironment());
  return {
    model: DEFAULT_MODEL,
    modelsDir: modelsDir(root),
    convertedDir: convertedDir(root),
    homedir: homedir(),
    logicalProcessors: availableParallelism(),
    arch: process.arch,
  };
}
