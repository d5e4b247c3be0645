/** The suggestion that was wanted while the model was loading comes when it is loaded, without another keystroke. */
import * as vscode from 'vscode';
import type { EngineService } from './engineService';
import { Disposables, type DisposableLike } from './disposables';
import type { AnsweredRequest, InlineProvider } from './inlineProvider';

/** Where a request was turned away. */
interface Wanted {
  readonly document: vscode.TextDocument;
  readonly version: number;
  readonly position: vscode.Position;
}

/**
 * Remembers the last request that found the engine not ready, and asks for it once the engine is, if nothing has been
 * typed and the cursor has not moved since.
 *
 * @param ask makes the editor ask the provider for the active editor's cursor
 */
export function askAfterLoad(
  engines: EngineService,
  provider: InlineProvider,
  ask: () => unknown,
): DisposableLike {
  const owned = new Disposables();
  let wanted: Wanted | undefined;
  owned.add(
    provider.onAnswered(({ document, position, answer }: AnsweredRequest) => {
      const turnedAway = answer.kind === 'none' && answer.reason === 'engine-not-ready';
      wanted = turnedAway ? { document, version: document.version, position } : undefined;
    }),
  );
  owned.add(
    engines.onStatus((status) => {
      if (status.state !== 'ready' || wanted === undefined) return;
      const { document, version, position } = wanted;
      wanted = undefined;
      const editor = vscode.window.activeTextEditor;
      const untouched =
        editor?.document === document &&
        document.version === version &&
        editor.selection.isEmpty &&
        editor.selection.active.isEqual(position);
      if (!untouched) return;
      provider.repeatNext(document);
      ask();
    }),
  );
  return owned;
}
