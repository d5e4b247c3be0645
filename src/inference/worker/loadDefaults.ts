/** What a model is loaded with where the person has not chosen; the editor and the command line share it. */

/**
 * Room for prompt and answer together, in tokens. Completion's own limits ask for 1024 + 128 + 96; a chat with files in
 * it wants more. Memory is taken as it is needed: the keys and values of the 0.5B model take 24 KiB per token.
 */
export const DEFAULT_CONTEXT_TOKENS = 8192;

/** Beyond this, more threads hardly help a model of this size and only take the machine from others. */
const MAX_THREADS = 8;

/**
 * Number of threads for the native library when the person has not chosen one.
 *
 * One physical core is left to the editor, at most 8 are taken. Node tells logical processors only; on x64 two of
 * them usually share a core, elsewhere they are cores. Small machines are the exception: with up to two physical
 * cores two threads are taken, because a single one doubles the wait for every suggestion, while the editor needs
 * little during the few hundred milliseconds after a keystroke and the operating system divides the rest fairly.
 *
 * @param logical logical processors this process may use, at least 1
 */
export function automaticThreads(logical: number, arch: NodeJS.Architecture): number {
  const physical = arch === 'x64' || arch === 'ia32' ? Math.ceil(logical / 2) : logical;
  return Math.min(logical, MAX_THREADS, Math.max(2, physical - 1));
}
