/** Why the engine has answered nothing, in sentences. */
import type { WireError } from '../../inference/errors';
import type { ServiceStatus } from '../engineService';
import { errorMessage } from '../errorMessages';
import { engineHeadline, SLEEP_REASONS } from '../statusView';
import type { Explanation } from './explanation';
import {
  ASK,
  COMPLETION_LOG,
  ENGINE_STATUS,
  errorRemedy,
  MODELS,
  setting,
  START_ENGINE,
  type Remedy,
} from './remedies';

/** A request that found the model not loaded, by what the engine does now. */
export function explainNotReady(status: ServiceStatus): Explanation {
  switch (status.state) {
    case 'stopped':
      return {
        happened: 'The model was not loaded.',
        advice: 'It loads with the next suggestion, or when you start the engine now.',
        remedies: [START_ENGINE],
      };
    case 'asleep':
      return {
        happened: `The model’s memory had been given back. ${SLEEP_REASONS[status.reason]}`,
        advice: 'It comes back with the next suggestion, or when you start the engine now.',
        remedies: [START_ENGINE, ...(status.reason === 'idle' ? [setting('qwenCoder.idleMinutes')] : [])],
      };
    case 'loading':
      return {
        happened: `The model is not ready yet: ${engineHeadline(status)}.`,
        advice: 'Stay here, and the suggestion comes by itself once it is.',
        remedies: [ENGINE_STATUS],
      };
    case 'ready':
    case 'working':
      return {
        happened: 'The model was not loaded when the suggestion was wanted.',
        advice: 'It is now: ask again.',
        remedies: [ASK],
      };
    case 'failed':
      return explainFailure(status.error);
  }
}

/** A request that failed in the engine, or an engine that has failed. */
export function explainFailure(error: WireError): Explanation {
  const message = errorMessage(error);
  if (message.kind === 'message') {
    const remedies = message.actions.map(errorRemedy);
    return {
      happened: message.text,
      advice: adviceOf(remedies),
      remedies: error.code === 'model-missing' ? [...remedies, MODELS] : remedies,
    };
  }
  return explainRequestFailure(error);
}

/** What concerns one request and interrupts nobody; whoever asks is told all the same. */
function explainRequestFailure({ code, message }: WireError): Explanation {
  switch (code) {
    case 'context-overflow':
      return {
        happened: 'What the model was to read did not fit into its context.',
        advice: 'Have it read less before the cursor, or give it more context.',
        remedies: [setting('qwenCoder.maxPrefixTokens'), setting('qwenCoder.contextTokens')],
      };
    case 'invalid-request':
      return {
        happened: `The engine refused the request: ${message}`,
        advice: 'Ask again; the log has more if it stays so.',
        remedies: [ASK, errorRemedy('show-log')],
      };
    case 'shutting-down':
      return {
        happened: 'The engine was being closed.',
        advice: 'Ask again; it starts anew.',
        remedies: [ASK],
      };
    default:
      return {
        happened: 'The engine gave up the request before it had answered.',
        advice: 'Ask again.',
        remedies: [ASK, COMPLETION_LOG],
      };
  }
}

const adviceOf = ([first]: readonly Remedy[]): string =>
  first === undefined ? 'The log has more.' : `What helps first: “${first.label}”.`;
