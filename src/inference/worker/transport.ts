/** The line between the engine's client and its server: a worker thread's port, or two ends in one process. */
export interface Transport<Out, In> {
  post(message: Out): void;
  onMessage(listener: (message: In) => void): void;
}
