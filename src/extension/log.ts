import type { DisposableLike } from './disposables';

/** What is used of `vscode.LogOutputChannel`. */
export interface LogChannel extends DisposableLike {
  debug(line: string): void;
  info(line: string): void;
  error(line: string): void;
  show(): void;
}

/**
 * The extension's channel in the output view; the person chooses its level there.
 *
 * The editor takes the channel away at once when the extension is deactivated, while requests are still ending, and a
 * closed channel throws: what is logged from then on is dropped.
 */
export class Log implements LogChannel {
  #closed = false;

  constructor(private readonly channel: LogChannel) {}

  debug(line: string): void {
    if (!this.#closed) this.channel.debug(line);
  }

  info(line: string): void {
    if (!this.#closed) this.channel.info(line);
  }

  error(line: string): void {
    if (!this.#closed) this.channel.error(line);
  }

  show(): void {
    if (!this.#closed) this.channel.show();
  }

  dispose(): void {
    this.#closed = true;
    this.channel.dispose();
  }
}
