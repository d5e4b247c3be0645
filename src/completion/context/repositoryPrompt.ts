/**
 * What stands before the window in a prompt, in the form in which Qwen2.5-Coder was shown repositories: the
 * repository's name, then each file behind `file_sep` with its path in a line of its own, the one to be filled last.
 */
import type { PromptPart } from '../../inference/engine';
import { estimateTokens } from '../estimateTokens';
import type { ContextChunk } from './contextChunk';

export interface PromptContext {
  /** To stand before `fim_prefix`. */
  readonly parts: readonly PromptPart[];
  /** Estimated. */
  readonly tokens: number;
}

export interface RepositoryPlace {
  /** Of the repository or the workspace folder; absent where the file lies in none. */
  readonly repository?: string;
  /** Of the file to be filled, relative, with `/`. */
  readonly path: string;
}

/** @param chunks with LF alone, in the order in which they are to stand */
export function repositoryContext(
  { repository, path }: RepositoryPlace,
  chunks: readonly Pick<ContextChunk, 'path' | 'text'>[],
): PromptContext {
  const parts: PromptPart[] = [];
  let tokens = 0;
  const addText = (text: string): void => {
    parts.push({ text });
    tokens += estimateTokens(text);
  };
  const add = (special: 'repo_name' | 'file_sep', text: string): void => {
    parts.push({ special });
    tokens += 1;
    addText(text);
  };
  if (repository !== undefined) add('repo_name', `${oneLine(repository)}\n`);
  chunks.forEach((chunk, at) => {
    // Neighbours of one file share its heading; the next one is then simply more text.
    if (chunks[at - 1]?.path === chunk.path) addText(`${chunk.text}\n`);
    else add('file_sep', `${oneLine(chunk.path)}\n${chunk.text}\n`);
  });
  add('file_sep', `${oneLine(path)}\n`);
  return { parts, tokens };
}

/** File systems allow line ends in names. */
const oneLine = (name: string): string => name.replace(/\s+/g, ' ');
