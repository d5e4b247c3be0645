/** Time as completion sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds from an arbitrary beginning; never goes back. */
  now(): number;
  /** Resolves after `ms` milliseconds, or as soon as the signal is aborted. Never rejects: the caller looks at the signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** @returns the machine's own clock */
export function systemClock(): Clock {
  return {
    now: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const finish = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', finish);
          resolve();
        };
        const timer = setTimeout(finish, ms);
        signal?.addEventListener('abort', finish, { once: true });
      }),
  };
}
