/** What a person is told about an error, and what can be done about it. */
import type { WireError } from '../inference/errors';

export type ErrorAction =
  | 'retry'
  | 'download'
  | 'choose-file'
  /** Another one that is smaller, or room on the disk by deleting one. */
  | 'models'
  /** The slower way to compute that every processor can go. */
  | 'use-exact'
  | 'show-log'
  | 'open-settings';

export const ACTION_LABELS: Readonly<Record<ErrorAction, string>> = {
  retry: 'Retry',
  download: 'Download Model',
  'choose-file': 'Choose File',
  models: 'Models…',
  'use-exact': 'Use the Exact Variant',
  'show-log': 'Show Log',
  'open-settings': 'Open Settings',
};

export type ErrorMessage =
  /** Not worth an interruption; it goes to the log. */
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'message';
      readonly severity: 'warning' | 'error';
      readonly text: string;
      readonly actions: readonly ErrorAction[];
    };

/** Of an engine that takes its process with it. */
const WAYS_OUT = 'The exact variant, which is slower, or a smaller model may work.';

const SILENT: ErrorMessage = { kind: 'silent' };

/** A plain sentence per code; the error's own message stands in it where it says more than the code. */
export function errorMessage(error: WireError): ErrorMessage {
  const told = (text: string, ...actions: ErrorAction[]): ErrorMessage => ({
    kind: 'message',
    severity: 'error',
    text,
    actions,
  });
  switch (error.code) {
    case 'aborted':
    case 'shutting-down':
      return SILENT;
    // These two concern one request, not the engine: the next one may well succeed.
    case 'context-overflow':
    case 'invalid-request':
      return SILENT;
    case 'model-missing':
      return {
        kind: 'message',
        severity: 'warning',
        text: `Qwen Coder needs its model file. ${error.message}`,
        actions: ['download', 'choose-file'],
      };
    case 'model-corrupt':
      return told(
        `The model file is damaged or no GGUF file. ${error.message}`,
        'download',
        'choose-file',
        'show-log',
      );
    case 'model-unsupported':
      return told(
        `Qwen Coder cannot run this model: it reads GGUF files of the Qwen2 family. ${error.message}`,
        'choose-file',
        'download',
        'show-log',
      );
    case 'checksum-mismatch':
      return told(
        `The model file is not the published one, so it is not used. ${error.message}`,
        'download',
        'choose-file',
        'show-log',
      );
    case 'converted-corrupt':
      return told('The converted model is damaged and could not be built again.', 'retry', 'show-log');
    case 'disk-full':
      return told(
        `There is not enough free disk space. ${error.message} Deleting a model that is not used makes room.`,
        'retry',
        'models',
        'show-log',
      );
    case 'io':
      return told(`A file could not be read or written. ${error.message}`, 'retry', 'show-log');
    case 'network':
      return told(error.message, 'download', 'choose-file', 'open-settings');
    case 'native-unavailable':
      return told(
        'Qwen Coder’s native library does not load on this machine, so there are no suggestions here. The log says why.',
        'show-log',
        'retry',
      );
    case 'native-failure':
      return told(
        'The inference library reported a failure. The log says more. The exact variant, which is slower, may work.',
        'retry',
        'use-exact',
        'show-log',
      );
    case 'out-of-memory':
      return told(
        // What was reckoned says how much; what the system says of an allocation helps nobody.
        `There is not enough memory for the model. ${error.detail?.['neededBytes'] === undefined ? '' : `${error.message} `}A smaller model, a smaller context or closing other programs helps.`,
        'models',
        'retry',
        'open-settings',
        'show-log',
      );
    case 'worker-died':
      if (error.detail?.['times'] === undefined) {
        return told('The inference engine stopped unexpectedly.', 'retry', 'use-exact', 'show-log');
      }
      return told(
        `The inference engine stopped unexpectedly. ${error.message} ${WAYS_OUT}`,
        'use-exact',
        'models',
        'retry',
        'show-log',
      );
    case 'worker-stalled':
      return told(`The inference engine got stuck. ${error.message}`, 'retry', 'use-exact', 'show-log');
    case 'internal':
      return told(`Something went wrong inside Qwen Coder: ${error.message}`, 'show-log', 'retry');
  }
}

/**
 * Lets the same error through once, until another one comes or something has succeeded: a failure that repeats at
 * each keystroke is one message.
 */
export class RepeatGate {
  #last: string | undefined;

  /** @returns whether this error is news */
  admit(error: WireError): boolean {
    const key = `${error.code}\n${error.message}`;
    if (key === this.#last) return false;
    this.#last = key;
    return true;
  }

  /** Something has succeeded: the next failure is news, also the same one. */
  reset(): void {
    this.#last = undefined;
  }
}
