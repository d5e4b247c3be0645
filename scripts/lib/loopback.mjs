import { get } from 'node:http';
import { createServer } from 'node:net';

/** The address on which servers of ours listen: this machine only. */
export const LOOPBACK = '127.0.0.1';

/**
 * @param {string} url
 * @returns {Promise<number>} HTTP status; 0 when nobody answers
 */
export function statusOf(url) {
  return new Promise((resolve) => {
    get(url, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', () => resolve(0));
  });
}

/**
 * A free port on the loopback address.
 * @param {number} [preferred] taken if it is free
 * @returns {Promise<number>}
 */
export async function freePort(preferred = 0) {
  return (await tryPort(preferred)) ?? (await tryPort(0));
}

function tryPort(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen(port, LOOPBACK, () => {
      const taken = probe.address().port;
      probe.close(() => resolve(taken));
    });
  });
}
