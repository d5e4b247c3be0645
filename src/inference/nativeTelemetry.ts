/**
 * Since 1.29 the native library of `onnxruntime-node` reports what it loads and how it runs to its publisher, on Linux
 * and macOS by itself, with a file of events and an identifier of the machine in the user's cache folder. Nothing of
 * that is wanted here. It asks this variable once, when it is used for the first time in a process: set, it creates
 * neither sender nor files. On Windows it only hands events to the system, which the person's own choice there governs.
 */
const REFUSED = { ORT_DISABLE_TELEMETRY: '1' } as const;

/** The environment with the variable, for a process of its own. */
export const withoutTelemetry = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...environment,
  ...REFUSED,
});

/**
 * Sets the variable for this process. Must be called in its main thread, before a thread of it uses the library: the
 * environment that a worker thread sees is a copy, and the library reads the real one.
 */
export function refuseTelemetry(): void {
  Object.assign(process.env, REFUSED);
}
