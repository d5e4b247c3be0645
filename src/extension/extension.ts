/** Entry point: builds the parts, connects them, and takes them down again. */
import { availableParallelism, homedir } from 'node:os';
import * as vscode from 'vscode';
import type { SuggestionLength } from '../completion/completer';
import type { Conversation } from '../assist/chat/conversation';
import { CursorScopes } from '../assist/syntax/cursorScope';
import { Syntax } from '../assist/syntax/syntax';
import { systemClock } from '../completion/clock';
import type { CompletionOutcome } from '../completion/outcome';
import { ModelStore } from '../inference/store/modelStore';
import {
  convertedDir,
  modelsDir,
  processStorageEnvironment,
  sessionsDir,
  storageRoot,
} from '../inference/store/paths';
import { askAfterLoad } from './askAfterLoad';
import { ChatEngines } from './chat/chatEngines';
import { makeChatParts } from './chat/chatParts';
import { EditorContext } from './context/editorContext';
import { showContext } from './context/showContext';
import { makeAssistParts, type AssistParts } from './assist/assistParts';
import { COMMANDS } from './commandIds';
import { registerCommands } from './commands';
import { Disposables } from './disposables';
import { makeEngineParts, type EngineParts } from './engineParts';
import { engineReport, type EngineFacts } from './engineReport';
import type { ServiceStatus } from './engineService';
import { ErrorNotifier } from './errorNotifier';
import { IgnoredFiles } from './ignoredFiles';
import { tellOfOtherProviders } from './otherProviders';
import { EVERY_DOCUMENT, InlineProvider } from './inlineProvider';
import { makeInsightParts, type InsightParts } from './insight/insightParts';
import { Log } from './log';
import { makeModelParts, type ModelParts } from './modelParts';
import type { PlanSurroundings } from './modelPlan';
import { Presence } from './presence';
import { ProviderRegistration } from './providerRegistration';
import { ReadOnlyDocuments } from './readOnlyDocuments';
import { ReportDocument } from './reportDocument';
import type { RestartPolicy } from './restartPolicy';
import { Settings } from './settings';
import { chatSettings, type SettingValues } from './settingValues';
import { SpeedMemory } from './speedMemory';
import { makeStatisticsParts, type StatisticsParts } from './statistics/statisticsParts';
import { traceLine } from './traceLine';
import { UnexpectedEnds } from './unexpectedEnds';

/** What `activate` returns. For this project's own tests; no promise to other extensions. */
export interface QwenCoderTestApi {
  engineStatus(): ServiceStatus;
  /** Completion's last answer, undefined before the first. */
  lastOutcome(): CompletionOutcome | undefined;
  /** Requests of the editor so far. */
  requests(): number;
  /** The chat that is open. */
  conversation(): Conversation;
  /** Asks in chat, as the view does; resolves when the answer has ended. */
  ask(question: string): Promise<void>;
  readonly assist: AssistParts;
  readonly context: EditorContext;
  readonly insight: InsightParts;
  readonly statistics: StatisticsParts;
}

/** Memory and the time left change by themselves, in milliseconds. */
const STATUS_REFRESH_MS = 10_000;

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
  const settings = owned.add(new Settings());
  const clock = systemClock();
  const root = storageRoot(processStorageEnvironment());
  const speeds = new SpeedMemory(context.globalState);
  const surroundings = machineSurroundings(root);
  const makeParts = (values: () => SettingValues): EngineParts =>
    makeEngineParts({
      settings: values,
      surroundings,
      root,
      sessionsDir: sessionsDir(root),
      workerFile: context.asAbsolutePath('dist/worker.js'),
      probeFile: context.asAbsolutePath('dist/nativeProbe.js'),
      versions: versionsOf(context),
      speeds,
      clock,
      log,
    });
  const parts = makeParts(() => settings.values);
  const { engines } = parts;
  const ignored = owned.add(new IgnoredFiles());
  const syntax = new Syntax(context.asAbsolutePath('dist/grammars'));
  const editorContext = owned.add(
    new EditorContext({
      syntax,
      ignored,
      settings: (document) => settings.valuesFor(document),
      onSettings: (listener) => settings.onChange(listener),
      log: (line) => log.debug(line),
    }),
  );
  const provider = owned.add(
    new InlineProvider({
      engines,
      readOnly: owned.add(new ReadOnlyDocuments()),
      scopes: owned.add(new CursorScopes(syntax)),
      syntax,
      settings: (document) => settings.valuesFor(document),
      ignored,
      context: editorContext,
      clock,
      log: (line) => log.debug(line),
      onTrace: (trace) => log.debug(traceLine(trace)),
    }),
  );
  const errors = new ErrorNotifier({
    log,
    isExact: () => settings.values.variant === 'exact',
    useExact: async () => {
      await settings.setVariant('exact');
      engines.warmUp();
    },
  });
  const { globalState } = context;
  const { store } = surroundings;
  const models = owned.add(
    makeModelParts({ store, dirs: surroundings, settings, engines, errors, speeds, globalState }),
  );
  const chatEngines = owned.add(
    new ChatEngines({
      settings,
      completion: engines,
      makeOwn: () => makeParts(() => chatSettings(settings.values) ?? settings.values),
    }),
  );
  const assist = owned.add(
    makeAssistParts({
      engines: { use: () => chatEngines.service.use(), ready: () => chatEngines.service.ready() },
      errors,
      log: (line) => log.info(line),
      syntax,
    }),
  );
  const chat = owned.add(
    makeChatParts({
      context,
      engines: chatEngines,
      settings: () => settings.values,
      errors,
      proposeEdit: (edit) => assist.previews.proposeEdit(edit),
      syntax,
      ignored,
      clock,
      log,
    }),
  );
  shutDown = async () => {
    await Promise.all([chat.close(), statistics.close()]);
    owned.dispose();
    await Promise.all([parts.close(), chatEngines.close()]);
  };
  owned.add(
    vscode.commands.registerCommand(COMMANDS.showContext, () =>
      showContext(editorContext, (document) => settings.valuesFor(document)),
    ),
  );
  owned.add(
    tellOfOtherProviders({
      memory: context.globalState,
      enabled: () => settings.values.enable,
      disable: () => settings.setEnabled(false),
    }),
  );
  const insight = owned.add(makeInsightParts({ provider, engines, settings, errors, clock }));
  const statistics = owned.add(
    makeStatisticsParts({
      context,
      provider,
      log: (line) => log.info(line),
      // What comes next is under way already.
      onAccepted: () => {
        const document = vscode.window.activeTextEditor?.document;
        if (document !== undefined) provider.acceptedBefore(document);
        void vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      },
    }),
  );
  showParts(context, log, owned, { settings, parts, provider, errors, models });
  const ends = unexpectedEnds(surroundings.convertedDir, parts.restarts, errors, log);
  owned.add(ends.follow(engines));
  void ends.atStart().then(() => engines.check());
  log.info(`Started; large files are kept in ${root}.`);
  return {
    engineStatus: () => engines.status,
    lastOutcome: () => provider.lastOutcome,
    requests: () => provider.requests,
    conversation: () => chat.session.conversation,
    ask: (question) => chat.session.ask(question, []),
    assist,
    context: editorContext,
    insight,
    statistics,
  };
}

function unexpectedEnds(
  convertedDir: string,
  restarts: RestartPolicy,
  errors: ErrorNotifier,
  log: Log,
): UnexpectedEnds {
  const clock = systemClock();
  return new UnexpectedEnds({
    convertedDir,
    restarts,
    now: () => clock.now(),
    wallClock: Date.now,
    warn: (text, actions) => errors.warn(text, actions),
    log: (line) => log.info(line),
  });
}

interface ShownParts {
  readonly settings: Settings;
  readonly parts: EngineParts;
  readonly provider: InlineProvider;
  readonly errors: ErrorNotifier;
  readonly models: ModelParts;
}

/** Gives the parts their places in the editor: status, commands, suggestions. */
function showParts(
  context: vscode.ExtensionContext,
  log: Log,
  owned: Disposables,
  { settings, parts, provider, errors, models }: ShownParts,
): void {
  const { engines } = parts;
  const { setup, downloads } = models;
  const presence = owned.add(new Presence({ engines, settings, setup, downloads, errors, provider }));
  const status = owned.add(
    new ReportDocument({
      scheme: 'qwen-coder-status',
      title: 'Qwen Coder Engine Status',
      content: async () => engineReport(await parts.facts()),
      refreshMs: STATUS_REFRESH_MS,
    }),
  );
  owned.add(engines.onStatus(() => status.changed()));
  owned.add(provider.onAnswered(() => status.changed()));
  const registration = owned.add(new ProviderRegistration(EVERY_DOCUMENT, provider));
  const askAgain = (): Thenable<unknown> => {
    registration.renew();
    return vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
  };
  const ask = async (length: SuggestionLength): Promise<void> => {
    provider.wantNext(length);
    await askAgain();
  };
  owned.add(settings.onChange(() => registration.renew()));
  owned.add(askAfterLoad(engines, provider, askAgain));
  owned.add(
    registerCommands({
      settings,
      engines,
      setup,
      errors,
      log,
      facts: () => presence.facts(),
      showEngineStatus: () => status.show(),
      showModels: () => models.models.show(),
      ask,
      extensionId: context.extension.id,
    }),
  );
}

function versionsOf(context: vscode.ExtensionContext): EngineFacts['versions'] {
  const { version } = context.extension.packageJSON as { readonly version: string };
  return { extension: version, editor: `${vscode.env.appName} ${vscode.version}` };
}

function machineSurroundings(root: string): PlanSurroundings & { readonly store: ModelStore } {
  const dirs = { modelsDir: modelsDir(root), convertedDir: convertedDir(root) };
  return {
    ...dirs,
    store: new ModelStore(dirs),
    homedir: homedir(),
    logicalProcessors: availableParallelism(),
    arch: process.arch,
  };
}
