/** Makes the parts of chat and connects them: view, conversation, context, history, commands. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { ChatSession } from '../../assist/chat/chatSession';
import { toMarkdown, type Conversation } from '../../assist/chat/conversation';
import type { ContextItem, ContextKind } from '../../assist/context/contextItem';
import type { Syntax } from '../../assist/syntax/syntax';
import type { Clock } from '../../completion/clock';
import { COMMANDS, type CommandId } from '../commandIds';
import { Disposables, type DisposableLike } from '../disposables';
import type { ErrorNotifier } from '../errorNotifier';
import type { IgnoredFiles } from '../ignoredFiles';
import type { LogChannel } from '../log';
import type { SettingValues } from '../settingValues';
import { ChatContext, type ContextSource } from './chatContext';
import type { ChatEngines } from './chatEngines';
import { ChatHistory } from './chatHistory';
import { ChatHost, type ChatHostDeps } from './chatHost';
import { ChatView } from './chatView';
import { openAsNewFile } from './codeBlocks';
import { registerChatParticipant } from './chatParticipant';
import { findContext, type ContextFinders } from './contextPicker';
import { findMentioned } from './mentionedContext';
import { fileSource, selectionSource } from './contextSources';
import { DeclaredSymbols } from './declaredSymbols';
import { pickConversation } from './historyPicker';
import { offerLanguageModel } from './languageModelProvider';
import { WorkspaceIndex } from './workspaceIndex';

/** As the model's makers recommend for it: another answer is to be another one. */
const SAMPLING = { temperature: 0.7, topK: 20, topP: 0.8 } as const;

export interface ChatPartsDeps {
  readonly context: vscode.ExtensionContext;
  readonly engines: ChatEngines;
  readonly settings: () => SettingValues;
  readonly errors: ErrorNotifier;
  readonly proposeEdit: ChatHostDeps['proposeEdit'];
  readonly syntax: Syntax;
  readonly ignored: IgnoredFiles;
  readonly clock: Clock;
  readonly log: LogChannel;
}

export interface ChatParts extends DisposableLike {
  readonly session: ChatSession;
  /** Ends the answer under way and writes what is to be kept. */
  close(): Promise<void>;
}

export function makeChatParts(deps: ChatPartsDeps): ChatParts {
  const { context, engines, errors, settings, clock, log } = deps;
  const owned = new Disposables();
  const history = new ChatHistory(historyFile(context), (line) => log.info(line));
  const chosen = owned.add(new ChatContext());
  const index = owned.add(new WorkspaceIndex(deps.ignored));
  const view = owned.add(
    new ChatView({
      extensionUri: context.extensionUri,
      onMessage: (message) => host.receive(message),
      log: (line) => log.info(line),
    }),
  );
  let release: (() => void) | undefined;
  const session: ChatSession = new ChatSession(
    {
      engine: async (signal) => {
        release?.();
        const { engine, done } = await engines.use(signal);
        release = done;
        return engine;
      },
      contextTokens: () => contextTokens(engines, settings()),
      maxAnswerTokens: () => settings().maxAnswerTokens,
      retrySampling: SAMPLING,
      newId: randomUUID,
      wallClock: Date.now,
      now: () => clock.now(),
    },
    {
      onChange: (conversation) => {
        if (!session.busy) {
          release?.();
          release = undefined;
        }
        host.changed(conversation);
      },
      onText: (turn, at, text) => view.post({ type: 'text', turn, at, text }),
      onError: (error) => errors.report(error),
    },
  );
  const finders: ContextFinders = {
    workspaceSource: () => searchSource(index),
    declared: new DeclaredSymbols(deps.syntax),
  };
  const find = (kind: ContextKind, ask: boolean) => findContext(kind, ask, finders);
  const host: ChatHost = owned.add(
    new ChatHost({
      session,
      context: chosen,
      history,
      post: (message) => view.post(message),
      findContext: find,
      findMentioned: (mention) => findMentioned(mention, finders),
      modelName: () => modelName(engines),
      contextTokens: () => contextTokens(engines, settings()),
      proposeEdit: deps.proposeEdit,
    }),
  );
  let shownName = modelName(engines);
  owned.add(
    engines.onChange(() => {
      // Ready and working alternate with every suggestion, which the page has nothing of.
      const name = modelName(engines);
      if (name !== shownName) host.show();
      shownName = name;
    }),
  );
  for (const part of [offerLanguageModel(engines, settings), registerChatParticipant(engines, settings)]) {
    if (part !== undefined) owned.add(part);
  }
  followSelection(owned, chosen);
  registerChatCommands(owned, { session, history, view, chosen });
  void history.load().then(async () => {
    if (history.lastOpen !== undefined && session.conversation.turns.length === 0) {
      await session.open(history.lastOpen);
    }
  });
  return {
    session,
    dispose: () => owned.dispose(),
    close: async () => {
      await session.stop();
      await history.flush();
    },
  };
}

/** In the workspace's storage; without a workspace, in the extension's. */
const historyFile = ({ storageUri, globalStorageUri }: vscode.ExtensionContext): string =>
  join((storageUri ?? globalStorageUri).fsPath, 'chat-history.json');

function modelName({ service }: ChatEngines): string {
  const { status } = service;
  switch (status.state) {
    case 'ready':
    case 'working':
      return `${status.model.name} (${status.model.variant})`;
    case 'loading':
      return 'Loading the model…';
    case 'failed':
      return 'Model not available';
    case 'stopped':
    case 'asleep':
      return 'Model loads with the next question';
  }
}

/** What the loaded model has room for, which may be less than the setting. */
function contextTokens({ service }: ChatEngines, settings: SettingValues): number {
  const { status } = service;
  return 'model' in status ? status.model.contextTokens : settings.contextTokens;
}

function searchSource(index: WorkspaceIndex): ContextSource | undefined {
  if ((vscode.workspace.workspaceFolders ?? []).length === 0) return undefined;
  const read = (question: string): Promise<readonly ContextItem[]> => index.find(question);
  return { kind: 'workspace', key: 'workspace', label: 'Workspace', read };
}

/** What is selected goes into a question unless the person takes it out. */
function followSelection(owned: Disposables, chosen: ChatContext): void {
  const follow = (editor: vscode.TextEditor | undefined): void => chosen.select(selectionSource(editor));
  owned.add(vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => follow(textEditor)));
  // Without an editor the focus is in the view: what was selected stays selected.
  owned.add(vscode.window.onDidChangeActiveTextEditor((editor) => editor && follow(editor)));
  follow(vscode.window.activeTextEditor);
}

interface CommandParts {
  readonly session: ChatSession;
  readonly history: ChatHistory;
  readonly view: ChatView;
  readonly chosen: ChatContext;
}

function registerChatCommands(owned: Disposables, { session, history, view, chosen }: CommandParts): void {
  const register = (id: CommandId, run: (...args: unknown[]) => unknown): void => {
    owned.add(vscode.commands.registerCommand(id, run));
  };
  register(COMMANDS.openChat, () => view.focus());
  register(COMMANDS.newChat, async () => {
    await session.open();
    await view.focus();
  });
  register(COMMANDS.chatHistory, () => showHistory(session, history));
  register(COMMANDS.renameChat, () => renameChat(session));
  register(COMMANDS.exportChat, () => exportChat(session.conversation));
  register(COMMANDS.addToChat, async (first, all) => {
    const uris = Array.isArray(all) ? all : [first];
    const files = uris.filter((uri): uri is vscode.Uri => uri instanceof vscode.Uri);
    const editor = vscode.window.activeTextEditor;
    const selected = files.length <= 1 ? selectionSource(editor) : undefined;
    if (selected !== undefined) chosen.add(selected);
    else if (files.length > 0) files.forEach((uri) => chosen.add(fileSource(uri)));
    else if (editor !== undefined) chosen.add(fileSource(editor.document.uri));
    await view.focus();
  });
}

async function showHistory(session: ChatSession, history: ChatHistory): Promise<void> {
  const chosen = await pickConversation(history, session.conversation.id);
  if (chosen?.action === 'open') await session.open(chosen.conversation);
  if (chosen?.action === 'deleted-open') await session.open();
}

async function renameChat(session: ChatSession): Promise<void> {
  const { title } = session.conversation;
  const name = await vscode.window.showInputBox({ title: 'Rename this chat', value: title });
  if (name !== undefined) session.rename(name);
}

async function exportChat(conversation: Conversation): Promise<void> {
  await openAsNewFile({ code: toMarkdown(conversation), language: 'markdown' });
}
