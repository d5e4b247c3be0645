/**
 * The part of the editor's language-model interface that is used here and that came after VS Code 1.90 (1.104): declared
 * by hand, found at run time, and left alone where it is absent.
 */
import * as vscode from 'vscode';

export interface ModelInformation {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly version: string;
  readonly detail?: string;
  readonly tooltip?: string;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
  readonly capabilities: { readonly imageInput?: boolean; readonly toolCalling?: boolean | number };
}

export interface RequestMessage {
  /** 1 is the user, 2 the assistant. */
  readonly role: number;
  /** Text parts have a `value`; others are not understood. */
  readonly content: readonly unknown[];
}

export interface ModelProvider {
  readonly onDidChangeLanguageModelChatInformation?: vscode.Event<void>;
  provideLanguageModelChatInformation(
    options: { readonly silent: boolean },
    token: vscode.CancellationToken,
  ): vscode.ProviderResult<ModelInformation[]>;
  provideLanguageModelChatResponse(
    model: ModelInformation,
    messages: readonly RequestMessage[],
    options: { readonly modelOptions?: Readonly<Record<string, unknown>> },
    progress: vscode.Progress<unknown>,
    token: vscode.CancellationToken,
  ): Thenable<void>;
  provideTokenCount(
    model: ModelInformation,
    text: string | RequestMessage,
    token: vscode.CancellationToken,
  ): Thenable<number>;
}

interface NewerApi {
  readonly registerLanguageModelChatProvider?: (vendor: string, provider: ModelProvider) => vscode.Disposable;
}
type TextPart = new (value: string) => unknown;

/** @returns undefined where the editor has no such interface */
export function registerModelProvider(
  vendor: string,
  provider: ModelProvider,
): vscode.Disposable | undefined {
  return (vscode.lm as NewerApi | undefined)?.registerLanguageModelChatProvider?.(vendor, provider);
}

/** A piece of an answer as the editor takes it. */
export function textPart(text: string): unknown {
  const { LanguageModelTextPart } = vscode as { readonly LanguageModelTextPart?: TextPart };
  return LanguageModelTextPart === undefined ? { value: text } : new LanguageModelTextPart(text);
}

/** A message's text: its text parts, one after the other. */
export const textOf = ({ content }: RequestMessage): string =>
  content
    .map((part) => {
      const { value } = (typeof part === 'object' && part !== null ? part : {}) as {
        readonly value?: unknown;
      };
      return typeof value === 'string' ? value : '';
    })
    .join('');
