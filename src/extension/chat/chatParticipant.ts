/** `@qwen` in the editor's own chat view, where it has one. */
import * as vscode from 'vscode';
import {
  answerRoom,
  conversationPrompt,
  firstTurnThatFits,
  promptRoom,
  questionTokens,
  systemTokens,
  type SentConversation,
} from '../../assist/chat/conversationPrompt';
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
    const turns = turnsOf(context);
    const room = promptRoom({ contextTokens, answerTokens }) - (await systemTokens(CHAT_SYSTEM, count));
    const firstSent = await firstTurnThatFits(
      { turns, firstSent: 0 },
      room,
      await questionTokens(content, count),
      count,
    );
    const prompt = conversationPrompt(CHAT_SYSTEM, { turns, firstSent }, content);
    const generated = engine.generate({ prompt, maxTokens: answerTokens, priority: 'background' }, signal);
    for await (const event of generated) if (event.type === 'text') stream.markdown(event.text);
  } finally {
    done();
  }
}

/** Questions with their answers. One without the other says nothing to the model. */
function turnsOf({ history }: vscode.ChatContext): SentConversation['turns'] {
  const turns: { message: string; answer: string }[] = [];
  for (const turn of history) {
    if (turn instanceof vscode.ChatRequestTurn) {
      turns.push({ message: turn.prompt, answer: '' });
      continue;
    }
    const parts = turn.response.map((part) =>
      part instanceof vscode.ChatResponseMarkdownPart ? part.value.value : '',
    );
    const last = turns.at(-1);
    if (last !== undefined) last.answer += parts.join('');
  }
  return turns;
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
