import * as vscode from 'vscode';
import type { DisposableLike } from './disposables';

/**
 * The provider's place in the editor. The editor keeps what it was answered for a text and a cursor and does not ask
 * the same provider again, not even when told to; one that has been registered anew is asked anew.
 */
export class ProviderRegistration implements DisposableLike {
  #registration: vscode.Disposable | undefined;

  constructor(
    private readonly selector: vscode.DocumentSelector,
    private readonly provider: vscode.InlineCompletionItemProvider,
  ) {
    this.#registration = this.#register();
  }

  /** Makes the editor forget the answers of this provider. */
  renew(): void {
    if (this.#registration === undefined) return;
    this.#registration.dispose();
    this.#registration = this.#register();
  }

  dispose(): void {
    this.#registration?.dispose();
    this.#registration = undefined;
  }

  #register(): vscode.Disposable {
    // A new object each time: the editor tells providers apart by identity.
    const { provider } = this;
    return vscode.languages.registerInlineCompletionItemProvider(this.selector, {
      provideInlineCompletionItems: (...request) => provider.provideInlineCompletionItems(...request),
    });
  }
}
