/** How *Show Context* says what prompts show of other places. */
import type { PlacedChunk } from '../../completion/context/contextKeeper';
import { CONTEXT_SOURCES, type ContextSource } from '../../completion/context/contextChunk';

import type { SettingValues } from '../settingValues';

export interface ContextRow {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** Longer lines are cut by the list anyway. */
const DETAIL_UNITS = 120;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const IN_WORDS: Readonly<Record<ContextSource, string>> = {
  imports: 'imported',
  signature: 'type at the cursor',
  open: 'similar, open file',
  visited: 'similar, visited file',
  changed: 'similar, changed file',
  'recent-edit': 'edited lately',
  diagnostic: 'problem nearby',
};

const ICONS: Readonly<Record<ContextSource, string>> = {
  imports: 'references',
  signature: 'symbol-method',
  open: 'files',
  visited: 'history',
  changed: 'git-compare',
  'recent-edit': 'edit',
  diagnostic: 'warning',
};

export function contextRow({ chunk, tokens, pinned }: PlacedChunk): ContextRow {
  const { source, path, startLine, text, name } = chunk;
  const firstLine = /^.*\S.*$/m.exec(text)?.[0] ?? '';
  const lines = text.split('\n').length;
  const rest = lines > 1 ? ` (${lines} lines)` : '';
  return {
    label: `$(${pinned ? 'pinned' : ICONS[source]}) ${nameOf(path)}${startLine === undefined ? '' : `:${startLine}`}${name === undefined ? '' : ` ${name}`}`,
    description: `${IN_WORDS[source]}, ${tokens} tokens${pinned ? ', pinned' : ''} · ${path}`,
    detail: `${firstLine.trim().slice(0, DETAIL_UNITS)}${rest}`,
  };
}

/** The list's title. */
export function contextTitle(path: string, chunks: readonly PlacedChunk[], maxTokens: number): string {
  const tokens = chunks.reduce((sum, one) => sum + one.tokens, 0);
  return `Context of ${nameOf(path)}: ${tokens} of ${maxTokens} tokens`;
}

/** Why a document's prompts show nothing of other places. */
export function emptyReason(
  settings: Pick<SettingValues, 'enable' | 'maxContextTokens' | 'contextSources'>,
  document: { readonly silenced: boolean; readonly inWorkspace: boolean },
): string {
  if (!settings.enable) return 'Suggestions are switched off.';
  if (document.silenced) return 'A .qwenignore names this file: nothing is suggested in it.';
  if (!document.inWorkspace) return 'This file lies in no folder that is open: it is completed by itself.';
  if (settings.maxContextTokens === 0) return 'The setting maxContextTokens is 0.';
  const { contextSources } = settings;
  if (!CONTEXT_SOURCES.some((source) => contextSources[source])) return 'All sources are switched off.';
  return 'Nothing of other files belongs here clearly enough; only this file is read.';
}
