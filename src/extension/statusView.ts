/** What the status bar says, and what its menu offers, as a function of what is the case. */
import type { Pace } from '../completion/pace';
import type { LoadedModel, LoadPhase } from '../inference/engine';
import { COMMANDS, type CommandId } from './commandIds';
import type { ServiceStatus } from './engineService';
import { ACTION_LABELS, errorMessage } from './errorMessages';
import type { SleepReason } from './sleepPolicy';
import { percent } from './units';

/** All that the status bar depends on. */
export interface StatusFacts {
  readonly engine: ServiceStatus;
  /** Set while weights are being downloaded, from 0 to 1. */
  readonly downloadFraction: number | undefined;
  readonly enabled: boolean;
  /** Language of the active editor and whether suggestions are on for it. */
  readonly language: { readonly id: string; readonly on: boolean } | undefined;
  /** The editor itself shows ghost text (`editor.inlineSuggest.enabled`). */
  readonly ghostTextShown: boolean;
  /** What became of the last request, in words. */
  readonly lastRequest: string | undefined;
  /** What suggestions by themselves have come to on this machine; `full` where absent. */
  readonly pace?: Pace;
}

export interface StatusView {
  /** With the editor's `$(icon)` notation. */
  readonly text: string;
  readonly severity: 'none' | 'error';
  /** For screen readers. */
  readonly label: string;
  /** Plain lines. */
  readonly tooltip: readonly string[];
}

const PHASES: Readonly<Record<LoadPhase, string>> = {
  probing: 'checking this machine',
  verifying: 'checking the model file',
  measuring: 'measuring this machine (once)',
  converting: 'preparing the model (once)',
  loading: 'loading the model',
};

/** Why the engine's memory was given back. */
export const SLEEP_REASONS: Readonly<Record<SleepReason, string>> = {
  idle: 'It was not used for a while.',
  memory: 'The machine is short of memory.',
  'other-window': 'Another window needed the memory.',
};

/** What is done about a machine that is slow. */
const PACES_IN_WORDS: Readonly<Record<Pace, string | undefined>> = {
  full: undefined,
  'less-context': 'Suggestions came late, so the model reads less around the cursor.',
  'one-line': 'Suggestions came late, so the model reads less and writes one line.',
};

/** Whether the weights are missing: the one failure that the person is helped with instead of warned of. */
export function isModelMissing(status: ServiceStatus): boolean {
  return status.state === 'failed' && status.error.code === 'model-missing';
}

/** The status bar item. */
export function statusView(facts: StatusFacts): StatusView {
  const { icon, says, severity } = headline(facts);
  const said = `Qwen Coder: ${says}`;
  const lines = [said];
  if (facts.engine.state === 'failed') lines.push(facts.engine.error.message);
  if (facts.engine.state === 'asleep') lines.push(SLEEP_REASONS[facts.engine.reason]);
  if (facts.engine.state === 'ready' || facts.engine.state === 'working') {
    lines.push(...modelLines(facts.engine.model));
  }
  if (!facts.ghostTextShown) {
    lines.push('The editor hides inline suggestions: the setting "editor.inlineSuggest.enabled" is off.');
  }
  const slowed = PACES_IN_WORDS[facts.pace ?? 'full'];
  if (slowed !== undefined) lines.push(slowed);
  if (facts.lastRequest !== undefined) lines.push(`Last request: ${facts.lastRequest}.`);
  return {
    text: briefly(icon, facts),
    severity,
    // Who hears the bar does not see its tooltip.
    label: slowed === undefined ? said : `${said}. ${slowed}`,
    tooltip: lines,
  };
}

interface Headline {
  readonly icon: string;
  readonly says: string;
  readonly severity: StatusView['severity'];
}

function headline(facts: StatusFacts): Headline {
  const plain = (icon: string, says: string): Headline => ({ icon, says, severity: 'none' });
  if (facts.downloadFraction !== undefined) {
    return plain('loading~spin', `downloading the model, ${percent(facts.downloadFraction)}`);
  }
  if (!facts.enabled) return plain('circle-slash', 'switched off');
  if (isModelMissing(facts.engine)) return plain('cloud-download', engineHeadline(facts.engine));
  if (facts.engine.state === 'failed') {
    return { icon: 'error', says: engineHeadline(facts.engine), severity: 'error' };
  }
  if (facts.language?.on === false) return plain('circle-slash', `switched off for ${facts.language.id}`);
  const spins = facts.engine.state === 'loading' || facts.engine.state === 'working';
  return plain(spins ? 'loading~spin' : 'sparkle', engineHeadline(facts.engine));
}

/** What the engine does, in a few words. */
export function engineHeadline(status: ServiceStatus): string {
  switch (status.state) {
    case 'stopped':
      return 'loads with the first suggestion';
    case 'asleep':
      return 'asleep, wakes with the next suggestion';
    case 'loading':
      return loadingWords(status);
    case 'working':
      return 'working';
    case 'ready':
      return 'ready';
    case 'failed':
      return isModelMissing(status) ? 'model needed' : 'not working';
  }
}

/** Few words: the status bar is shared. */
function briefly(icon: string, { engine, downloadFraction, enabled }: StatusFacts): string {
  const name = `$(${icon}) Qwen`;
  if (downloadFraction !== undefined) return `${name} ${percent(downloadFraction)}`;
  if (!enabled) return name;
  if (isModelMissing(engine)) return `${name}: model needed`;
  if (engine.state !== 'loading') return name;
  return `${name}: ${engine.phase}${engine.fraction === undefined ? '' : ` ${percent(engine.fraction)}`}`;
}

function loadingWords({ phase, fraction }: Extract<ServiceStatus, { state: 'loading' }>): string {
  return fraction === undefined ? PHASES[phase] : `${PHASES[phase]}, ${percent(fraction)}`;
}

function modelLines(model: LoadedModel): string[] {
  return [
    `Model: ${model.name} (${model.architecture}, ${model.variant})`,
    `Threads: ${model.threads}`,
    `Context: ${model.contextTokens} tokens`,
  ];
}

export interface MenuEntry {
  readonly label: string;
  readonly command: CommandId;
}

/** The menu behind the status bar item: first what helps now, then the switches, then the rest. */
export function statusMenu(facts: StatusFacts): MenuEntry[] {
  const entry = (label: string, command: CommandId): MenuEntry => ({ label, command });
  const menu: MenuEntry[] = [];
  if (facts.engine.state === 'failed') {
    const message = errorMessage(facts.engine.error);
    const actions = message.kind === 'message' ? message.actions : [];
    if (facts.downloadFraction === undefined && actions.includes('download')) {
      menu.push(entry(`$(cloud-download) ${ACTION_LABELS.download}`, COMMANDS.downloadModel));
    }
    if (actions.includes('choose-file')) {
      menu.push(entry('$(folder-opened) Choose a GGUF File…', COMMANDS.chooseModelFile));
    }
    menu.push(entry(`$(refresh) ${ACTION_LABELS.retry}`, COMMANDS.restartEngine));
  } else if (facts.enabled) {
    menu.push(entry('$(sparkle) Trigger Suggestion', COMMANDS.trigger));
  }
  if (facts.language !== undefined) {
    menu.push(entry('$(question) Why Was There No Suggestion Here?', COMMANDS.whyNoSuggestion));
  }
  menu.push(
    facts.enabled
      ? entry('$(circle-slash) Switch Off', COMMANDS.disable)
      : entry('$(check) Switch On', COMMANDS.enable),
  );
  if (facts.enabled && facts.language !== undefined) {
    const { id, on } = facts.language;
    menu.push(
      on
        ? entry(`$(circle-slash) Switch Off for ${id}`, COMMANDS.disableLanguage)
        : entry(`$(check) Switch On for ${id}`, COMMANDS.enableLanguage),
    );
  }
  if (facts.engine.state !== 'failed') {
    menu.push(entry('$(refresh) Restart Engine', COMMANDS.restartEngine));
  }
  menu.push(
    entry('$(library) Models…', COMMANDS.models),
    entry('$(pulse) Show Engine Status', COMMANDS.showEngineStatus),
    entry('$(list-ordered) Show Completion Log', COMMANDS.showCompletionLog),
    entry('$(graph) Show Statistics', COMMANDS.showStatistics),
    entry('$(output) Show Log', COMMANDS.showLog),
    entry('$(gear) Settings', COMMANDS.openSettings),
  );
  return menu;
}
