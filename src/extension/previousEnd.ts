/** What a person is told when an earlier process ended with the engine in it, which nobody was left to say. */
import type { LoadedModel, PreviousEnd } from '../inference/engine';
import type { EngineService } from './engineService';
import type { DisposableLike } from './disposables';
import type { ErrorAction } from './errorMessages';

export interface PreviousEndMessage {
  readonly text: string;
  readonly actions: readonly ErrorAction[];
}

/**
 * The message for an unexpected end, or undefined where it was not the engine's doing: an idle engine does not crash,
 * so that the editor was killed or the window lost.
 */
export function previousEndMessage(end: PreviousEnd, now: LoadedModel): PreviousEndMessage | undefined {
  if (end.phase === 'idle') return undefined;
  const doing = end.phase === 'loading' ? 'was being loaded' : 'was at work';
  const text =
    `The editor's extension process ended unexpectedly while ${end.model} ${doing}. ` +
    'If that happens again, a smaller model or the exact variant may help.';
  const actions: ErrorAction[] = now.variant === 'exact' ? [] : ['use-exact'];
  return { text, actions: [...actions, 'models', 'show-log'] };
}

/** Tells of an unexpected end once, when the engine is ready again. */
export function tellPreviousEnd(
  engines: Pick<EngineService, 'onStatus'>,
  tell: (message: PreviousEndMessage) => void,
): DisposableLike {
  let told: PreviousEnd | undefined;
  return engines.onStatus((status) => {
    if (status.state !== 'ready') return;
    const end = status.model.previousEnd;
    // Ready comes again after each request, with the same facts.
    if (end === undefined || end.at === told?.at) return;
    told = end;
    const message = previousEndMessage(end, status.model);
    if (message !== undefined) tell(message);
  });
}
