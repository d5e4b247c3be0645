/** Ways out that an explanation offers, as buttons. */
import { COMMANDS } from '../commandIds';
import { ACTION_LABELS, type ErrorAction } from '../errorMessages';

export type Remedy =
  | { readonly label: string; readonly command: string; readonly arguments?: readonly unknown[] }
  | { readonly label: string; readonly errorAction: ErrorAction }
  /** Has documents of so many characters served. */
  | { readonly label: string; readonly acceptCharacters: number };

/** Opens one setting, by the name that the editor shows for it. @param id with its section */
export const setting = (id: string): Remedy => ({
  label: `Setting: ${inWords(id.slice(id.indexOf('.') + 1))}`,
  command: 'workbench.action.openSettings',
  arguments: [`@id:${id}`],
});

/** As the settings editor writes identifiers: `inlineSuggest.enabled` is Inline Suggest: Enabled. */
const inWords = (id: string): string =>
  id
    .split('.')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).replace(/[A-Z]/g, ' $&'))
    .join(': ');

export const errorRemedy = (errorAction: ErrorAction): Remedy => ({
  label: ACTION_LABELS[errorAction],
  errorAction,
});

export const ASK: Remedy = { label: 'Ask Now', command: COMMANDS.trigger };
export const START_ENGINE: Remedy = { label: 'Start the Engine', command: COMMANDS.restartEngine };
export const ENGINE_STATUS: Remedy = { label: 'Show Engine Status', command: COMMANDS.showEngineStatus };
export const MODELS: Remedy = { label: 'Models…', command: COMMANDS.models };
export const COMPLETION_LOG: Remedy = {
  label: 'Show Completion Log',
  command: COMMANDS.showCompletionLog,
};
