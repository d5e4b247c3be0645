import type { Interrupt } from './interrupt';
import type { Terminal } from './terminal';

/** What a command has besides its options. */
export interface CliContext {
  readonly terminal: Terminal;
  readonly interrupt: Interrupt;
  /** Folder of the bundles. */
  readonly distDir: string;
}
