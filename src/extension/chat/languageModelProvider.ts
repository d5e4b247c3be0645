/** Offers the local model to other extensions, through the editor's own interface. */
import * as vscode from 'vscode';
import { answerRoom } from '../../assist/chat/conversationPrompt';
import { chatPrompt, type ChatMessage } from '../../assist/chatPrompt';
import { abortOnCancel } from '../abortOnCancel';
import type { DisposableLike } from '../disposables';
import { Disposables } from '../disposables';
import type { SettingValues } from '../settingValues';
import { completionModel, chatSettings } from '../settingValues';
import type { ChatEngines } from './chatEngines';
import {
  registerModelProvider,
  textOf,
  textPart,
  type ModelInformation,
  type RequestMessage,
} from './languageModelApi';

/** As `package.json` declares it. */
export const VENDOR = 'qwen-coder-local';
const ASSISTANT = 2;
/** A rough count where no engine is loaded: asking it would load one. In UTF-16 units per token. */
const UNITS_PER_TOKEN = 3.5;

/** @returns undefined where the editor has no such interface */
export function offerLanguageModel(
  engines: ChatEngines,
  settings: () => SettingValues,
): DisposableLike | undefined {
  const owned = new Disposables();
  const changed = owned.add(new vscode.EventEmitter<void>());
  const registered = registerModelProvider(VENDOR, {
    onDidChangeLanguageModelChatInformation: changed.event,
    provideLanguageModelChatInformation: () => [information(settings())],
    provideLanguageModelChatResponse: (_model, messages, _options, progress, token) =>
      abortOnCancel(token, (signal) => answer(engines, settings(), messages, progress, signal)),
    provideTokenCount: async (_model, text) => {
      const whole = typeof text === 'string' ? text : textOf(text);
      const engine = engines.service.loaded;
      return (await engine?.countTokens?.(whole)) ?? Math.ceil(whole.length / UNITS_PER_TOKEN);
    },
  });
  if (registered === undefined) return undefined;
  owned.add(registered);
  return owned;
}

function information(settings: SettingValues): ModelInformation {
  const { id, name } = completionModel(chatSettings(settings) ?? settings);
  const { contextTokens, maxAnswerTokens } = settings;
  const output = answerRoom(contextTokens, maxAnswerTokens);
  return {
    id,
    name: `${name} (local)`,
    family: 'qwen2.5-coder',
    version: '2.5',
    detail: 'on this machine',
    tooltip: 'Runs inside the editor, without a server; nothing leaves the machine.',
    maxInputTokens: contextTokens - output,
    maxOutputTokens: output,
    capabilities: {},
  };
}

async function answer(
  engines: ChatEngines,
  { maxAnswerTokens }: SettingValues,
  messages: readonly RequestMessage[],
  progress: vscode.Progress<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const said = messages.map((message): ChatMessage => ({
    role: message.role === ASSISTANT ? 'assistant' : 'user',
    content: textOf(message),
  }));
  const { engine, done } = await engines.use(signal);
  try {
    const request = { prompt: chatPrompt(said), maxTokens: maxAnswerTokens, priority: 'background' } as const;
    for await (const event of engine.generate(request, signal)) {
      if (event.type === 'text') progress.report(textPart(event.text));
    }
  } finally {
    done();
  }
}
