/** What the *Models* pick shows and offers, as a function of what is the case. */
import type { VariantChoice } from '../inference/engine';
import type { CatalogueModel } from '../inference/store/catalogue';
import type { ModelEntry } from '../inference/store/modelStore';
import type { Speed } from './requestSpeeds';
import { bytes, percent, perSecond } from './units';

/** One model and all that is known of it here. */
export interface ModelFacts {
  readonly entry: ModelEntry;
  readonly forCompletion: boolean;
  readonly forChat: boolean;
  /** From 0 to 1 while it is being downloaded. */
  readonly downloadFraction: number | undefined;
  /** As measured on this machine, where it has been. */
  readonly speed: Speed | undefined;
}

export interface MachineFacts {
  readonly variant: VariantChoice;
  readonly totalMemoryBytes: number;
}

export type ModelAction =
  | 'use-for-completion'
  | 'use-for-chat'
  | 'download'
  | 'download-from-url'
  | 'resume'
  | 'cancel'
  | 'verify'
  | 'delete'
  | 'licence';

/** A row in the editor's notation. */
export interface ModelRow {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

/** A model in the list of models. */
export function modelRow(facts: ModelFacts, machine: MachineFacts): ModelRow {
  const { model } = facts.entry;
  return {
    label: `$(${iconOf(facts)}) ${model.name}`,
    description: [stateOf(facts), ...usesOf(facts)].join(', '),
    // The editor cuts long lines: what decides comes first.
    detail: [
      model.licence.name,
      diskWords(model, machine),
      memoryWords(model, machine),
      ...speedWords(facts.speed),
    ].join(' · '),
  };
}

/** What can be done with a model now, the most likely first. */
export function modelActions({ entry, forCompletion, forChat, downloadFraction }: ModelFacts): ModelAction[] {
  if (downloadFraction !== undefined) return ['cancel', 'licence'];
  switch (entry.state) {
    case 'installed':
      return [
        ...(forCompletion ? [] : (['use-for-completion'] as const)),
        ...(forChat ? [] : (['use-for-chat'] as const)),
        'verify',
        'delete',
        'licence',
      ];
    case 'partial':
      return ['resume', 'delete', 'licence'];
    case 'available':
      return ['download', 'download-from-url', 'licence'];
  }
}

/** An action in the list of a model's actions. */
export function actionRow(action: ModelAction, { entry }: ModelFacts): ModelRow {
  const { model, bytesOnDisk } = entry;
  const row = (label: string, detail = ''): ModelRow => ({ label, description: '', detail });
  switch (action) {
    case 'use-for-completion':
      return row(
        '$(sparkle) Use for Suggestions',
        'The engine restarts; the first time, the weights are converted.',
      );
    case 'use-for-chat':
      return row('$(comment-discussion) Use for Chat');
    case 'download':
      return row(`$(cloud-download) Download (${bytes(model.bytes)})`, `From ${model.hub.repo} on the hub.`);
    case 'download-from-url':
      return row('$(globe) Download from Another Address…', 'What arrives must be the published file.');
    case 'resume':
      return row(
        '$(debug-continue) Resume Download',
        `${bytes(entry.downloadedBytes)} of ${bytes(model.bytes)} are there.`,
      );
    case 'cancel':
      return row('$(debug-pause) Cancel Download', 'What has arrived is kept; the download can be resumed.');
    case 'verify':
      return row('$(verified) Verify', 'Compares the whole file with the published sum.');
    case 'delete':
      return row(`$(trash) Delete… (${bytes(bytesOnDisk)})`, 'The weights and what was converted from them.');
    case 'licence':
      return row(`$(law) Licence: ${model.licence.name}`, model.licence.summary ?? '');
  }
}

/** The words of the question before a deletion. */
export function deletionQuestion({ entry, forCompletion }: ModelFacts): { message: string; detail: string } {
  const { model, bytesOnDisk } = entry;
  const inUse = forCompletion ? ' There will be no suggestions until a model is there again.' : '';
  return {
    message: `Delete ${model.name}?`,
    detail: `This frees ${bytes(bytesOnDisk)}: the weights and what was converted from them. They can be downloaded again.${inUse}`,
  };
}

/** The words of the question before a download, for licences that want agreement; undefined for others. */
export function licenceQuestion({
  name,
  licence,
}: CatalogueModel): { message: string; detail: string } | undefined {
  if (!licence.needsAgreement) return undefined;
  return {
    message: `${name} is under the ${licence.name}. Do you agree to it?`,
    detail: `${licence.summary ?? ''}\n\nThe full text: ${licence.url}`.trim(),
  };
}

function iconOf({ entry, downloadFraction }: ModelFacts): string {
  if (downloadFraction !== undefined) return 'loading~spin';
  switch (entry.state) {
    case 'installed':
      return 'check';
    case 'partial':
      return 'debug-pause';
    case 'available':
      return 'cloud-download';
  }
}

function stateOf({ entry, downloadFraction }: ModelFacts): string {
  const { model, downloadedBytes, state } = entry;
  if (downloadFraction !== undefined) return `downloading, ${percent(downloadFraction)}`;
  return state === 'partial' ? `${bytes(downloadedBytes)} of ${bytes(model.bytes)} downloaded` : state;
}

function usesOf({ forCompletion, forChat }: ModelFacts): string[] {
  const uses = [...(forCompletion ? ['suggestions'] : []), ...(forChat ? ['chat'] : [])];
  return uses.length === 0 ? [] : [`chosen for ${uses.join(' and ')}`];
}

/** On the disk lie the weights and, once it has been used, what was converted from them. */
function diskWords(model: CatalogueModel, machine: MachineFacts): string {
  const { diskBytes } = needsOf(model, machine);
  return `${bytes(model.bytes)} download, ${bytes(model.bytes + diskBytes)} on disk`;
}

function memoryWords(model: CatalogueModel, machine: MachineFacts): string {
  const { memoryBytes } = needsOf(model, machine);
  const needs = `${bytes(memoryBytes)} memory`;
  return memoryBytes > machine.totalMemoryBytes ? `${needs}, more than there is` : needs;
}

/** Before a variant has been chosen the largest need is the safe one to name. */
function needsOf(
  { needs }: CatalogueModel,
  { variant }: MachineFacts,
): { diskBytes: number; memoryBytes: number } {
  if (variant !== 'auto') return needs[variant];
  const all = Object.values(needs);
  return {
    diskBytes: Math.max(...all.map(({ diskBytes }) => diskBytes)),
    memoryBytes: Math.max(...all.map(({ memoryBytes }) => memoryBytes)),
  };
}

function speedWords(speed: Speed | undefined): string[] {
  const words = [
    ...(speed?.prefill === undefined ? [] : [`reads ${perSecond(speed.prefill)}`]),
    ...(speed?.decode === undefined ? [] : [`writes ${perSecond(speed.decode)}`]),
  ];
  return words.length === 0 ? [] : [`${words.join(', ')} tokens/s`];
}
