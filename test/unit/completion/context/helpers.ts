import { CONTEXT_SWITCHES, type ContextSwitches } from '../../../../src/completion/context/contextChunk';
import type { ContextInput } from '../../../../src/completion/context/contextKeeper';
import type { DocumentSnapshot } from '../../../../src/completion/snapshot';
import type { PromptContext } from '../../../../src/completion/context/repositoryPrompt';

export const ALL_ON = Object.fromEntries(
  CONTEXT_SWITCHES.map((name) => [name, true]),
) as unknown as ContextSwitches;

/** What a calm moment finds, for a document with nothing around it unless a test says so. */
export function found(snapshot: DocumentSnapshot, given: Partial<ContextInput> = {}): ContextInput {
  return {
    snapshot,
    path: 'src/main.py',
    repository: 'shop',
    chunks: [],
    files: [],
    switches: ALL_ON,
    maxTokens: 1000,
    window: { prefixTokens: 1024, suffixTokens: 128 },
    ...given,
  };
}

/** A context as text, special tokens in angle brackets. */
export const spelled = (context: PromptContext | undefined): string =>
  (context?.parts ?? []).map((part) => ('text' in part ? part.text : `<${part.special}>`)).join('');

/** A function with names of its own, some lines long. */
export function sampleFunction(name: string, words: readonly string[], lines = 8): string {
  const body = Array.from(
    { length: lines },
    (_, at) =>
      `    ${words[at % words.length]}_${name} = compute_${words[(at + 1) % words.length]}(${name}_input)`,
  );
  return [`def ${name}(${name}_input):`, ...body, `    return ${words[0]}_${name}`].join('\n');
}
