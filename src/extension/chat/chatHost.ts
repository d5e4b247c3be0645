/** Connects the chat view with the conversation, its context and its history. */
import * as vscode from 'vscode';
import type { Conversation } from '../../assist/chat/conversation';
import type { ChatSession } from '../../assist/chat/chatSession';
import { tableItem } from '../../assist/analyze/tableFacts';
import type { FromPage, ShownState, ToPage } from '../../assist/chat/messages';
import { mentionsIn, type Mention } from '../../assist/chat/mentions';
import { parseQuestion } from '../../assist/chat/slashCommands';
import type { ContextItem, ContextKind } from '../../assist/context/contextItem';
import { COMMANDS } from '../commandIds';
import { Disposables, type DisposableLike } from '../disposables';
import { contextOrDefault, type ChatContext, type ContextSource } from './chatContext';
import type { ChatHistory } from './chatHistory';
import { copyCode, changeOf, insertCode, openAsNewFile, type CodeBlock } from './codeBlocks';
import { fileSource } from './contextSources';
import { openLink } from './openLink';

/** Shown to the page at most, per turn; an answer is far shorter than that. In UTF-16 units. */
const SHOWN_UNITS = 500_000;

export interface ChatHostDeps {
  readonly session: ChatSession;
  readonly context: ChatContext;
  readonly history: ChatHistory;
  readonly post: (message: ToPage) => void;
  /** Lets the person choose context of a kind. @param ask whether a choice may be asked for */
  readonly findContext: (kind: ContextKind, ask: boolean) => Promise<ContextSource | undefined>;
  /** What a question names in its text; the person is told where there is no such thing. */
  readonly findMentioned: (mention: Mention) => Promise<ContextSource | undefined>;
  readonly modelName: () => string;
  readonly contextTokens: () => number;
  /** Shows a document as it would be, for the person to decide. */
  readonly proposeEdit: (edit: { uri: vscode.Uri; newText: string; title: string }) => Promise<unknown>;
}

export class ChatHost implements DisposableLike {
  readonly #owned = new Disposables();

  constructor(private readonly deps: ChatHostDeps) {
    this.#owned.add(deps.context.onChange(() => this.#showContext()));
    this.#owned.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.show()));
  }

  /** Shows the conversation as it is now. */
  show(): void {
    this.deps.post({ type: 'state', state: this.#state() });
  }

  /** Selections change with every key and click: the conversation is not sent along with them. */
  #showContext(): void {
    this.deps.post({ type: 'context', context: this.#context() });
  }

  #context(): ShownState['context'] {
    return this.deps.context.sources.map(({ kind, label }) => ({ kind, label }));
  }

  /** Keeps the conversation and shows it. */
  changed(conversation: Conversation): void {
    this.deps.history.keep(conversation);
    this.show();
  }

  receive(message: FromPage): void {
    this.#handle(message).catch((error: unknown) => {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    });
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #handle(message: FromPage): Promise<void> {
    const { session, context } = this.deps;
    switch (message.type) {
      case 'ready':
        return this.show();
      case 'ask':
        return session.ask(message.question, await this.#itemsFor(message.question));
      case 'edit':
        return session.edit(message.turn, message.question, await this.#itemsFor(message.question));
      case 'stop':
        return session.stop();
      case 'retry':
        return session.retry(message.turn);
      case 'deleteTurn':
        return session.deleteTurn(message.turn);
      case 'addContext': {
        const source = await this.deps.findContext(message.kind, true);
        if (source !== undefined) context.add(source);
        return;
      }
      case 'removeContext':
        return context.remove(message.index);
      case 'dropFiles':
        for (const uri of message.uris) context.add(fileSource(vscode.Uri.parse(uri, true)));
        return;
      case 'copy':
        return copyCode(message);
      case 'insert':
      case 'apply':
      case 'newFile':
        return this.#write(message.type, message);
      case 'openLink':
        return openLink(message.href);
      case 'command':
        await vscode.commands.executeCommand(COMMAND_OF[message.command]);
    }
  }

  /** What goes into a question: what was put in and what it names itself, or what its command stands for. */
  async #itemsFor(question: string): Promise<readonly ContextItem[]> {
    const { command, rest } = parseQuestion(question);
    const taken = this.deps.context.take();
    const mentioned = await Promise.all(mentionsIn(rest).map((mention) => this.deps.findMentioned(mention)));
    const named = new Map(
      [...taken, ...mentioned.flatMap((source) => source ?? [])].map((one) => [one.key, one]),
    );
    const sources = await contextOrDefault([...named.values()], command?.context ?? [], (kind) =>
      this.deps.findContext(kind, false),
    );
    const items = (await Promise.all(sources.map((source) => source.read(rest)))).flat();
    if (command?.name !== 'analyze') return items;
    return items.map((item) => tableItem(item) ?? item);
  }

  async #write(how: 'insert' | 'apply' | 'newFile', block: CodeBlock): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage('Nothing is written in a workspace that is not trusted.');
      return;
    }
    if (how === 'newFile') return openAsNewFile(block);
    const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
    if (how === 'apply' && editor !== undefined) {
      await this.deps.proposeEdit(changeOf(block, editor));
      return;
    }
    if (how === 'apply' || !(await insertCode(block, editor))) {
      void vscode.window.showInformationMessage('Open a file and put the cursor where the code is to go.');
    }
  }

  #state(): ShownState {
    const { session, modelName, contextTokens } = this.deps;
    const { id, title, turns, firstSent } = session.conversation;
    const last = turns.findLast(({ stats }) => stats !== undefined)?.stats;
    return {
      conversation: id,
      title,
      turns: turns.map((turn) => ({
        id: turn.id,
        question: turn.question,
        context: turn.context.map(({ kind, label }) => ({ kind, label })),
        answer: turn.answer.slice(0, SHOWN_UNITS),
        state: turn.state,
        notes: [...turn.notes],
        stats: turn.stats,
      })),
      forgotten: firstSent,
      context: this.#context(),
      model: modelName(),
      used: last && { tokens: last.promptTokens + last.generatedTokens, of: contextTokens() },
      busy: session.busy,
      mayWrite: vscode.workspace.isTrusted,
    };
  }
}

const COMMAND_OF = { models: COMMANDS.models, log: COMMANDS.showLog } as const;
