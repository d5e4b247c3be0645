/** What all commands say in the same way. One job per question, the code near the end: the model is small. */
import { fenceTag } from '../answer/readCode';
import type { ChatMessage } from '../chatPrompt';

const SYSTEM = 'You are an expert programmer. You do exactly what is asked, and nothing else.';

/** Code between fences that it does not hold itself. */
export function fenced(code: string, languageId: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${fenceTag(languageId)}\n${code}\n${fence}`;
}

/** The beginning of an answer that is code. */
export const openFence = (languageId: string): string => `\`\`\`${fenceTag(languageId)}\n`;

/** Where an answer that began with `openFence` ends. */
export const CLOSING_FENCE = ['\n```'] as const;

export const question = (text: string): readonly ChatMessage[] => [
  { role: 'system', content: SYSTEM },
  { role: 'user', content: text },
];
