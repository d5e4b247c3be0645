/** The code that an answer is about, whatever a small model put around it. */
import { codeBlocks, type CodeBlock } from './codeBlocks';
import { withoutProse } from './prose';

export interface CodeRead {
  readonly code: string;
  /** False where the answer may have been cut off: a fence was opened and not closed. */
  readonly whole: boolean;
}

/** What fences call languages that the editor calls otherwise. */
const TAGS: Readonly<Record<string, readonly string[]>> = {
  python: ['python', 'py', 'python3'],
  javascript: ['javascript', 'js', 'node', 'mjs', 'cjs', 'jsx'],
  javascriptreact: ['jsx', 'javascript', 'js', 'javascriptreact'],
  typescript: ['typescript', 'ts', 'tsx', 'mts'],
  typescriptreact: ['tsx', 'typescript', 'ts', 'typescriptreact'],
  csharp: ['csharp', 'c#', 'cs'],
  cpp: ['cpp', 'c++', 'cc', 'cxx', 'c'],
  c: ['c', 'h', 'cpp'],
  shellscript: ['bash', 'sh', 'shell', 'zsh', 'shellscript'],
  rust: ['rust', 'rs'],
  go: ['go', 'golang'],
  ruby: ['ruby', 'rb'],
};

/** Commands to run and what they print: beside the code, hardly ever the code itself. */
const BESIDES: ReadonlySet<string> = new Set([
  'bash',
  'sh',
  'shell',
  'console',
  'text',
  'txt',
  'output',
  'plaintext',
]);

/** The tag to open a fence of the language with. */
export const fenceTag = (languageId: string): string => TAGS[languageId]?.[0] ?? languageId;

/**
 * Reads the code out of an answer: of several blocks the largest in the language, else the largest of all that are no
 * shell commands; without a fence what is left after the prose.
 *
 * @param languageId as the editor names it
 * @returns undefined where there is no code
 */
export function readCode(answer: string, languageId: string): CodeRead | undefined {
  const blocks = codeBlocks(answer).filter(({ code }) => code.trim() !== '');
  if (blocks.length === 0) {
    if (/^\s*(?:`{3,}|~{3,})/m.test(answer)) return undefined;
    const code = withoutProse(answer);
    return code === '' ? undefined : { code, whole: true };
  }
  const tags = TAGS[languageId] ?? [languageId];
  const chosen =
    largest(blocks.filter(({ tag }) => tags.includes(tag))) ??
    largest(blocks.filter(({ tag }) => !BESIDES.has(tag))) ??
    largest(blocks);
  return chosen && { code: chosen.code, whole: chosen.closed };
}

/** What an answer says besides its code, in one text. */
export function readProse(answer: string): string {
  const lines = answer.replace(/\r\n?/g, '\n').split('\n');
  const blocks = codeBlocks(answer);
  const outside = lines.filter((_, line) => !blocks.some(({ start, end }) => line >= start && line < end));
  return outside.join('\n').trim();
}

const largest = (blocks: readonly CodeBlock[]): CodeBlock | undefined =>
  blocks.reduce<CodeBlock | undefined>(
    (best, block) => (best === undefined || block.code.length > best.code.length ? block : best),
    undefined,
  );
