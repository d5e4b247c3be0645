/** Bodies of `POST /infill`. */
import type { DocumentSnapshot } from '../../../../../src/completion/snapshot';
import { LLAMA_VSCODE, SAMPLING } from './settings';

/** A piece of a file, as it goes into `input_extra`. */
export interface ExtraChunk {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly filename: string;
}

/** The texts around the cursor. */
export interface InfillTexts {
  /** Whole lines above the cursor's. */
  readonly prefix: string;
  /** The cursor's line up to it; nothing where that is blank. */
  readonly prompt: string;
  readonly suffix: string;
}

/** Where the cursor is, and what that makes of a request. */
export interface CursorPlace extends InfillTexts {
  /** From 0. */
  readonly line: number;
  readonly lines: readonly string[];
  readonly linePrefix: string;
  readonly lineSuffix: string;
  /** UTF-16 units of blanks that the cursor's line begins with. */
  readonly indent: number;
}

export function cursorPlace({ text, offset }: DocumentSnapshot): CursorPlace {
  const lines = text.split(/\r?\n/);
  const above = text.slice(0, offset).split(/\r?\n/);
  const line = above.length - 1;
  const whole = lines[line] ?? '';
  const linePrefix = above[line] ?? '';
  const lineSuffix = whole.slice(linePrefix.length);
  const prefixLines = lines.slice(Math.max(0, line - LLAMA_VSCODE.prefixLines), line);
  const suffixLines = lines.slice(line + 1, line + 1 + LLAMA_VSCODE.suffixLines);
  return {
    ...{ line, lines, linePrefix, lineSuffix },
    indent: whole.length - whole.trimStart().length,
    prefix: `${prefixLines.join('\n')}\n`,
    prompt: /^[ \t]*$/.test(linePrefix) ? '' : linePrefix,
    suffix: `${lineSuffix}\n${suffixLines.join('\n')}\n`,
  };
}

/** @param indent 0 leaves the field out */
export function completionBody(
  { prefix, prompt, suffix }: InfillTexts,
  extra: readonly ExtraChunk[],
  indent: number,
): Record<string, unknown> {
  return {
    id_slot: 0,
    ...{ input_prefix: prefix, input_suffix: suffix, input_extra: extra, prompt },
    n_predict: LLAMA_VSCODE.maxTokens,
    n_cmpl: LLAMA_VSCODE.completions,
    ...SAMPLING,
    ...(indent > 0 && { n_indent: indent }),
    t_max_prompt_ms: LLAMA_VSCODE.maxPromptMs,
    t_max_predict_ms: LLAMA_VSCODE.maxPredictMs,
  };
}

/** Has the server evaluate the context while nobody waits. */
export function contextBody(extra: readonly ExtraChunk[]): Record<string, unknown> {
  return {
    id_slot: 0,
    ...{ input_prefix: '', input_suffix: '', input_extra: extra, prompt: '' },
    ...{ n_predict: 0, samplers: [], cache_prompt: true },
    ...{ t_max_prompt_ms: LLAMA_VSCODE.maxPromptMs, t_max_predict_ms: 1 },
  };
}
