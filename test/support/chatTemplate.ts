/** A model's own chat template, rendered as its publisher means it, to hold our prompts against. */
import { Template } from '@huggingface/jinja';
import type { ChatMessage } from '../../src/assist/chatPrompt';
import type { PromptPart } from '../../src/inference/engine';
import { specialTokenSpelling } from '../../src/inference/tokenizer/specialTokens';

/** Conversations with a system message, without, and with turns. */
export const CONVERSATIONS: readonly (readonly ChatMessage[])[] = [
  [
    { role: 'system', content: 'Answer in one word.' },
    { role: 'user', content: 'Which language is this?\n\n    fn main() {}\n' },
  ],
  [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b\n' },
    { role: 'user', content: '  c  ' },
  ],
];

/** The template's text, up to where the assistant begins. */
export const renderedChat = (template: string, messages: readonly ChatMessage[]): string =>
  new Template(template).render({
    messages: messages.map((message) => ({ ...message })),
    add_generation_prompt: true,
  });

/** Prompt parts as one text, special tokens spelled. */
export const spelled = (parts: readonly PromptPart[]): string =>
  parts.map((part) => ('text' in part ? part.text : specialTokenSpelling(part.special))).join('');
