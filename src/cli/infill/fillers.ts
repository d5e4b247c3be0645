/** Two ways to fill a hole: as the editor does, and as the bare model does. */
import type { Clock } from '../../completion/clock';
import { Completer, DEFAULT_COMPLETER_OPTIONS, EACH_BY_ITSELF } from '../../completion/completer';
import { fimPrompt } from '../../completion/fimPrompt';
import type { SyntaxJudge } from '../../completion/syntaxGuard';
import type { Engine } from '../../inference/engine';
import type { InfillTask } from './infillTask';

export interface Filled {
  readonly completion: string;
  /** What ended it, in the words of who ended it. */
  readonly endedBy: string;
}

/** @throws EngineError */
export type Filler = (task: InfillTask, signal: AbortSignal) => Promise<Filled>;

export interface EditorFillerOptions {
  readonly languageId: string;
  /** Longest suggestion, in tokens. */
  readonly maxTokens: number;
  /** Names of end rules to do without, to see what each is worth. */
  readonly endRulesOff?: readonly string[];
  /** Says what would break the text around the hole. */
  readonly syntax: SyntaxJudge;
}

/**
 * Fills through the editor's pipeline: window, prompt, end rules, shaping, and what the document can take. No suggestion
 * is an empty completion.
 */
export function editorFiller(engine: Engine, options: EditorFillerOptions, clock: Clock): Filler {
  const { languageId, maxTokens, endRulesOff, syntax } = options;
  const completerOptions = {
    ...DEFAULT_COMPLETER_OPTIONS,
    ...EACH_BY_ITSELF,
    maxNewTokens: maxTokens,
    ...(endRulesOff === undefined ? {} : { endRulesOff }),
  };
  const completer = new Completer(engine, completerOptions, clock, undefined, undefined, syntax);
  return async (task, signal) => {
    const { text, offset, lineEnd } = editorPlace(task);
    const snapshot = { uri: `infill:${task.task_id}`, languageId, version: 1, text, offset };
    const outcome = await completer.complete(snapshot, 'explicit', signal);
    if (outcome.kind === 'suggestion') {
      return { completion: outcome.text + lineEnd, endedBy: outcome.endedBy };
    }
    if (outcome.reason === 'engine-failed') throw outcome.error;
    return { completion: '', endedBy: outcome.reason };
  };
}

/**
 * The hole as a place in an editor. A hole of whole lines takes the last one's line end with it, so that prompt and
 * suffix alone would put the cursor in front of the next line's text. Nobody types there: one types on an empty
 * line, whose end stands behind the cursor. That end then belongs to the completion.
 */
export function editorPlace({ prompt, suffix }: InfillTask): {
  text: string;
  offset: number;
  lineEnd: string;
} {
  const wholeLines = /(^|\n)$/.test(prompt) && suffix !== '' && !suffix.startsWith('\n');
  const lineEnd = wholeLines ? '\n' : '';
  return { text: prompt + lineEnd + suffix, offset: prompt.length, lineEnd };
}

export interface RawFillerOptions {
  readonly maxTokens: number;
  /** Stop where the first line ends, as runs of single-line tasks do. */
  readonly firstLine: boolean;
}

/** Fills by the bare prompt, greedily, until a special token or the limit; nothing is cut or shaped. */
export function rawFiller(engine: Engine, { maxTokens, firstLine }: RawFillerOptions): Filler {
  return async ({ prompt, suffix }, signal) => {
    let text = '';
    for await (const event of engine.generate({ prompt: fimPrompt(prompt, suffix), maxTokens }, signal)) {
      if (event.type === 'done')
        return { completion: firstLine ? firstLineOf(text) : text, endedBy: event.reason };
      if (event.type !== 'text') continue;
      text += event.text;
      // Leaving the loop is what stops the engine.
      if (firstLine && endsLine(text)) break;
    }
    return { completion: firstLineOf(text), endedBy: 'first-line' };
  };
}

/** Whether a line has ended behind something other than line ends. */
export const endsLine = (text: string): boolean => text.replace(/^\n+/, '').includes('\n');

/** The first line with its end; text that is blank stays as it is. */
export const firstLineOf = (text: string): string =>
  text.trim() === '' ? text : `${text.slice(0, `${text}\n`.indexOf('\n'))}\n`;
