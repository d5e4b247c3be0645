/** How a run of the command line ends, as scripts see it. */
import type { EngineErrorCode } from '../inference/errors';

export const EXIT = {
  ok: 0,
  nothing: 1,
  usage: 2,
  modelMissing: 3,
  modelUnusable: 4,
  engineFailed: 5,
  fileFailed: 6,
  networkFailed: 7,
  /** 128 + the number of the signal, as shells have it. */
  hungUp: 129,
  interrupted: 130,
  pipeClosed: 141,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** For `--help`. */
export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    no suggestion here, or a check that did not pass
  2    wrong usage; standard error says what is wrong
  3    the model is not on this machine
  4    the model file is damaged, not the published one, or of a kind that this engine cannot run
  5    the engine failed: no native library, out of memory, prompt longer than the context
  6    a file could not be read, written or understood; the disk is full
  7    the network failed
  130  interrupted (Ctrl+C); 143 terminated, 129 hung up, 141 standard output was closed`;

/** A failure that the command line itself finds: wrong usage, input that is not what it should be. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export function exitCodeOf(code: EngineErrorCode): ExitCode {
  switch (code) {
    case 'model-missing':
      return EXIT.modelMissing;
    case 'model-corrupt':
    case 'model-unsupported':
    case 'checksum-mismatch':
    case 'converted-corrupt':
      return EXIT.modelUnusable;
    case 'disk-full':
    case 'io':
      return EXIT.fileFailed;
    case 'network':
      return EXIT.networkFailed;
    case 'invalid-request':
      return EXIT.usage;
    case 'aborted':
    case 'shutting-down':
      return EXIT.interrupted;
    case 'native-unavailable':
    case 'native-failure':
    case 'out-of-memory':
    case 'worker-died':
    case 'worker-stalled':
    case 'context-overflow':
    case 'internal':
      return EXIT.engineFailed;
  }
}
