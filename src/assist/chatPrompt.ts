/**
 * Prompts for a conversation, in ChatML as Qwen's models were trained on it. Built of parts and not by the template
 * that a GGUF carries: a rendered template is one text, in which a message could spell a special token. Tests hold the
 * parts against the template.
 */
import type { PromptPart } from '../inference/engine';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/**
 * What the templates of Qwen's models say where a conversation has no system message: Qwen2.5 and its Coder, Qwen2.
 * The longer first, which holds the shorter.
 */
const DEFAULT_SYSTEMS = [
  'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.',
  'You are a helpful assistant.',
];

/** Whether a model's chat template (`tokenizer.chat_template`) is of this format. */
export const isChatMl = (template: string): boolean =>
  template.includes('<|im_start|>') && template.includes('<|im_end|>');

/** The system message that a template puts where there is none; undefined where it puts nothing. */
export const defaultSystemOf = (template: string): string | undefined =>
  DEFAULT_SYSTEMS.find((system) => template.includes(`<|im_start|>system\\n${system}<|im_end|>`));

/** The conversation so far, ready for the assistant's next message. */
export function chatPrompt(messages: readonly ChatMessage[]): PromptPart[] {
  return [
    ...messages.flatMap(({ role, content }): PromptPart[] => [
      { special: 'im_start' },
      { text: `${role}\n${content}` },
      { special: 'im_end' },
      { text: '\n' },
    ]),
    { special: 'im_start' },
    { text: 'assistant\n' },
  ];
}
