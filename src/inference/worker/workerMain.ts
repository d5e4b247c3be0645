/** The worker thread's entry: gives the server its port, and nothing else. */
import { parentPort } from 'node:worker_threads';
import type { ToServer } from '../protocol';
import { EngineServer } from './engineServer';
import { loadSession } from './loadSession';

const port = parentPort;
if (port === null) throw new Error('This file runs in a worker thread.');

new EngineServer(
  {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', (message: ToServer) => listener(message)),
  },
  loadSession,
  // Closing the port leaves the thread without anything to wait for. It must end so and never by `process.exit`
  // or `terminate`: either one inside a native run aborts the whole process.
  () => port.close(),
);
