/** `@qwen` in the editor's own chat view, where it has one. */
import * as vscode from 'vscode';
import { answerRoom } from '../../assist/chat/conversationPrompt';
import { chatPrompt, type ChatMessage } from '../../assist/chatPrompt';
import { CHAT_SYSTEM } from '../../assist/chat/systemPrompt';
import { instructionOf, parseQuestion } from '../../assist/chat/slashCommands';
import type { ContextItem } from '../../assist/context/contextItem';
import { packContext } from '../../assist/context/packContext';
import { abortOnCancel } from '../abortOnCancel';
import type { DisposableLike } from '../disposables';
import type { SettingValues } from '../settingValues';
import type { ChatEngines } from './chatEngines';
import { pathOf } from '../paths';
import { fileSource, openText } from './contextSources';

/** As `package.json` declares it. */
export const PARTICIPANT = 'qwen-coder-local.qwen';

/** @returns undefined where the editor has no chat of its own */
export function registerChatParticipant(
  engines: ChatEngines,
  settings: () => SettingValues,
): DisposableLike | undefined {
  const { chat } = vscode as { readonly chat?: Pick<typeof vscode.chat, 'createChatParticipant'> };
  if (typeof chat?.createChatParticipant !== 'function') return undefined;
  return chat.createChatParticipant(PARTICIPANT, (request, context, stream, token) =>
    abortOnCancel(token, (signal) => respond(engines, settings(), { request, context, stream }, signal)),
  );
}

interface Asked {
  readonly request: vscode.ChatRequest;
  readonly context: vscode.ChatContext;
  readonly stream: vscode.ChatResponseStream;
}

async function respond(
  engines: ChatEngines,
  { maxAnswerTokens, contextTokens }: SettingValues,
  { request, context, stream }: Asked,
  signal: AbortSignal,
): Promise<void> {
  const { engine, done } = await engines.use(signal);
  try {
    const count = async (text: string): Promise<number> =>
      (await engine.countTokens?.(text)) ?? text.length / 3;
    const items = (await Promise.all(request.references.map(itemsOf))).flat();
    const question = request.command === undefined ? request.prompt : `/${request.command} ${request.prompt}`;
    const answerTokens = answerRoom(contextTokens, maxAnswerTokens);
    // Half of the room for context, the other half for what was said before.
    const packed = await packContext(items, Math.floor((contextTokens - answerTokens) / 2), count);
    const instruction = instructionOf(parseQuestion(question));
    const content = packed.text === '' ? instruction : `${packed.text}\n\n${instruction}`;
    const earlier = await fitting(
      turnsOf(context),
      (contextTokens - answerTokens) / 2 - (await count(instruction)),
      count,
    );
    const messages: ChatMessage[] = [
      { role: 'system', content: CHAT_SYSTEM },
      ...earlier,
      { role: 'user', content },
    ];
    const generated = engine.generate(
      { prompt: chatPrompt(messages), maxTokens: answerTokens, priority: 'background' },
      signal,
    );
    for await (const event of generated) if (event.type === 'text') stream.markdown(event.text);
  } finally {
    done();
  }
}

function turnsOf({ history }: vscode.ChatContext): ChatMessage[] {
  return history.map((turn): ChatMessage => {
    if (turn instanceof vscode.ChatRequestTurn) return { role: 'user', content: turn.prompt };
    const parts = turn.response.map((part) =>
      part instanceof vscode.ChatResponseMarkdownPart ? part.value.value : '',
    );
    return { role: 'assistant', content: parts.join('') };
  });
}

/** As many of the last messages as there is room for. */
async function fitting(
  messages: readonly ChatMessage[],
  room: number,
  count: (text: string) => Promise<number>,
): Promise<ChatMessage[]> {
  const kept: ChatMessage[] = [];
  let left = room;
  for (const message of messages.toReversed()) {
    left -= await count(message.content);
    if (left < 0) break;
    kept.unshift(message);
  }
  return kept;
}

async function itemsOf({ value }: vscode.ChatPromptReference): Promise<readonly ContextItem[]> {
  if (value instanceof vscode.Uri) return fileSource(value).read('');
  if (!(value instanceof vscode.Location)) return [];
  const document = await openText(value.uri);
  if (document === undefined) return [];
  const path = pathOf(value.uri);
  const { languageId } = document;
  const text = document.getText(value.range);
  return [{ kind: 'selection', label: path, path, firstLine: value.range.start.line + 1, languageId, text }];
}
