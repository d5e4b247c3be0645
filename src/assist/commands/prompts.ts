/** What all commands say in the same way. One job per question, the code near the end: the model is small. */
import type { Engine } from '../../inference/engine';
import { fenceTag } from '../answer/readCode';
import type { Question } from '../ask';
import { answerRoom, fitLines } from '../budget';
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

/**
 * A question that is answered in code, which ends with its fence.
 *
 * @param wanted tokens of the answer
 * @param beginning of the code, put into the model's mouth
 * @throws EngineError `context-overflow`
 */
export async function codeQuestion(
  engine: Engine,
  text: string,
  { languageId, wanted, beginning = '' }: { languageId: string; wanted: number; beginning?: string },
): Promise<Question> {
  const prefill = openFence(languageId) + beginning;
  const maxTokens = await answerRoom(engine, [text, prefill], wanted);
  return { messages: question(text), prefill, maxTokens, stopStrings: CLOSING_FENCE };
}

/** What stands around the code in its file, as much as fits, under these words; empty where there is nothing. */
export async function surroundings(
  engine: Engine,
  text: string,
  { words, languageId, maxTokens, keep }: Surroundings,
): Promise<string> {
  const kept = await fitLines(engine, text, maxTokens, keep);
  return kept === '' ? '' : `${words}\n${fenced(kept, languageId)}\n\n`;
}

interface Surroundings {
  readonly words: string;
  readonly languageId: string;
  readonly maxTokens: number;
  /** The end that is nearer to the code. */
  readonly keep: 'end' | 'start';
}
