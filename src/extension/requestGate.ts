/** What the editor asks for and what no suggestion is wanted for, decided before anything is computed. */
import type { CursorScope } from '../assist/syntax/cursorScope';
import type { CompletionOutcome } from '../completion/outcome';
import { isLanguageOn, type SettingValues } from './settingValues';

/** Of the reports that are documents of ours. */
export const REPORT_SCHEMES = ['qwen-coder-status', 'qwen-coder-completions'] as const;
export type ReportScheme = (typeof REPORT_SCHEMES)[number];

/**
 * Documents are served whatever file system they come from (`file`, `untitled`, notebook cells, remote and virtual
 * ones). These are the exceptions: nothing is written there, or no code.
 */
const EXCLUDED_SCHEMES: ReadonlySet<string> = new Set([
  // Read-only views.
  'output',
  'log',
  'git',
  'accessible-view',
  'vscode-chat-code-block',
  ...REPORT_SCHEMES,
  'qwen-coder-edit',
  'qwen-coder-answer',
  // Input fields for prose or single expressions.
  'vscode-scm',
  'comment',
  'debug',
  'chatSessionInput',
  'search-editor',
]);

/** Reasons that lie outside completion: the person's settings and the editor's situation. */
export type GateReason =
  | 'paused'
  | 'language-off'
  | 'not-a-code-document'
  | 'ignored-by-qwenignore'
  | 'document-too-large'
  | 'disagrees-with-list'
  /** Nothing can be put in. */
  | 'read-only'
  /** The editor puts a suggestion in at all of them, and it was made for one. */
  | 'several-cursors'
  /** What was put in there would run into the rest of the word. */
  | 'in-word'
  | 'in-comment'
  | 'in-string';

/** What became of one request of the editor. */
export type ProviderAnswer =
  CompletionOutcome | { readonly kind: 'none'; readonly reason: GateReason; readonly detail?: string };

export interface DocumentFacts {
  readonly scheme: string;
  readonly languageId: string;
  /** Length in UTF-16 units. */
  readonly length: number;
  /** A `.qwenignore` names it. */
  readonly ignored?: boolean;
  readonly readOnly: boolean;
}

/** Text of the cursor's line before and behind it. */
export interface LineAround {
  readonly before: string;
  readonly behind: string;
}

/** The person's situation; what is asked for by hand is served all the same. */
export interface CursorFacts {
  readonly cursors: number;
  /** Undefined where it does not matter. */
  readonly line?: LineAround;
  /** Undefined where it is not known, or where no setting asks. */
  readonly scope?: CursorScope | undefined;
}

/** @returns why this document gets nothing, or undefined when it is served */
export function gateReason(settings: SettingValues, document: DocumentFacts): GateReason | undefined {
  if (!settings.enable) return 'paused';
  if (!isCodeScheme(document.scheme)) return 'not-a-code-document';
  if (document.ignored === true) return 'ignored-by-qwenignore';
  if (!isLanguageOn(settings.languages, document.languageId)) return 'language-off';
  if (document.length > settings.maxDocumentCharacters) return 'document-too-large';
  if (document.readOnly) return 'read-only';
  return undefined;
}

/** @returns why nothing is suggested by itself at this cursor, or undefined where it is */
export function automaticGateReason(
  settings: SettingValues,
  { cursors, line, scope }: CursorFacts,
): GateReason | undefined {
  if (cursors > 1) return 'several-cursors';
  if (line !== undefined && isInsideWord(line)) return 'in-word';
  if (scope === 'comment' && !settings.suggestInComments) return 'in-comment';
  if (scope === 'string' && !settings.suggestInStrings) return 'in-string';
  return undefined;
}

const isInsideWord = ({ before, behind }: LineAround): boolean =>
  /[\p{L}\p{N}_]$/u.test(before) && /^[\p{L}\p{N}_]/u.test(behind);

/** Whether it matters where the cursor stands. */
export const asksForScope = (settings: SettingValues): boolean =>
  !settings.suggestInComments || !settings.suggestInStrings;

/** What was answered, in a few words and without its text. */
export function inShort(answer: ProviderAnswer): string {
  if (answer.kind === 'suggestion') {
    return `suggestion of ${answer.text.length} units from ${answer.source}, ended by ${answer.endedBy}`;
  }
  const detail = 'error' in answer ? answer.error.code : answer.detail;
  return detail === undefined ? `none, ${answer.reason}` : `none, ${answer.reason} (${detail})`;
}

/** Whether documents of a URI scheme are such as code is written in. */
export const isCodeScheme = (scheme: string): boolean => !EXCLUDED_SCHEMES.has(scheme);

/** Why there is nothing, for a person who has asked for a suggestion; undefined where nobody is waiting any more. */
export function reasonInWords(
  answer: Exclude<ProviderAnswer, { kind: 'suggestion' }>,
  languageId: string,
): string | undefined {
  switch (answer.reason) {
    case 'paused':
      return 'suggestions are switched off';
    case 'language-off':
      return `suggestions are switched off for ${languageId}`;
    case 'not-a-code-document':
      return 'this is not a code document';
    case 'ignored-by-qwenignore':
      return 'a .qwenignore names this file';
    case 'document-too-large':
      return 'the document is too long';
    case 'read-only':
      return 'the document cannot be written to';
    case 'several-cursors':
      return 'there are several cursors';
    case 'in-word':
      return 'the cursor is inside a word';
    case 'in-comment':
      return 'suggestions are switched off in comments';
    case 'in-string':
      return 'suggestions are switched off in strings';
    case 'disagrees-with-list':
      return 'the model suggests something else than the selected list entry';
    case 'empty':
      return 'the model has nothing to add here';
    case 'breaks-syntax':
      return 'what the model wrote does not fit the syntax of the file';
    case 'unsure':
      return 'the model is not sure enough of a suggestion';
    case 'only-repeats':
      return 'the model only repeats what is already there';
    case 'engine-not-ready':
      return 'the model is not loaded';
    case 'engine-failed':
      return answer.error.code === 'model-missing' ? 'the model is needed first' : 'the engine failed';
    case 'invalid-offset':
      return 'the cursor is inside a character';
    case 'superseded':
    case 'cancelled':
    case 'disposed':
      return undefined;
  }
}
