import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOOPBACK, freePort, statusOf } from './loopback.mjs';

/** Loading takes seconds; a loaded machine and a cold disk many times that. */
const READY_LIMIT_MS = 120_000;
/** Part of the measured loading time. */
const POLL_MS = 3;
const LOG_TAIL = 4000;
/** The start says what the server runs on; of the rest only the end is of interest. */
const LOG_HEAD = 100_000;
/** Asked to end, it does so when its step is over. */
const END_LIMIT_MS = 10_000;

/**
 * What every measurement and every set of samples sets, so that the server does what an engine for one editor would:
 * one sequence, greedy requests, no copies of earlier prompts in memory. `--predict` keeps `/infill` from putting its
 * own header before the prompt. Everything else is the server's default.
 */
const FOR_ONE_EDITOR = ['--parallel', '1', '--cache-ram', '0', '--predict', '1024', '--no-warmup'];
/** No page, no network, and a log that says what it runs on. */
const QUIET = ['--no-ui', '--verbosity', '4', '--offline'];

/**
 * Starts `llama-server` on the loopback address and waits until it has loaded the model.
 * @param {import('./llamaServer.d.mts').LlamaServerOptions} options
 * @returns {Promise<import('./llamaServer.d.mts').LlamaServer>} the caller stops it
 * @throws {Error} with the end of its log when it ends or does not answer
 */
export async function startLlamaServer({
  program,
  modelPath,
  threads,
  contextTokens,
  arguments: chosen = FOR_ONE_EDITOR,
}) {
  const port = await freePort();
  const started = performance.now();
  const child = spawn(
    program,
    [
      ...['--model', modelPath, '--host', LOOPBACK, '--port', String(port)],
      ...['--threads', String(threads), '--ctx-size', String(contextTokens), ...chosen, ...QUIET],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = keepLog(child);
  const ended = new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  // A caller that dies without stopping it must not leave it behind.
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const stop = async () => {
    child.kill('SIGTERM');
    const killer = setTimeout(killAtExit, END_LIMIT_MS);
    await ended;
    clearTimeout(killer);
    process.removeListener('exit', killAtExit);
  };
  const address = `http://${LOOPBACK}:${port}`;
  try {
    await untilReady(child, address, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, pid: child.pid, loadMs: performance.now() - started, startLog: log.head(), stop };
}

function keepLog(child) {
  let head = '';
  let tail = '';
  const keep = (chunk) => {
    if (head.length < LOG_HEAD) head += chunk;
    tail = (tail + chunk).slice(-LOG_TAIL);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  return { head: () => head, tail: () => tail };
}

async function untilReady(child, address, log) {
  const limit = Date.now() + READY_LIMIT_MS;
  let failure;
  child.once('error', (error) => (failure = error));
  while ((await statusOf(`${address}/health`)) !== 200) {
    const gone = failure !== undefined || child.exitCode !== null || child.signalCode !== null;
    if (gone || Date.now() > limit) {
      const reason = failure?.message ?? (gone ? 'it ended' : 'it did not answer');
      throw new Error(`llama-server: ${reason}\n${log.tail()}`);
    }
    await sleep(POLL_MS);
  }
}

/**
 * Posts to one of the server's streaming addresses and gives each event as it arrives. Leaving the loop closes the
 * connection, which ends the server's work on it.
 * @param {string} url such as `http://…/completion`
 * @param {Readonly<Record<string, unknown>>} body
 * @returns {AsyncGenerator<import('./llamaServer.d.mts').CompletionEvent>}
 * @throws {Error} with the server's answer when it refuses
 */
export async function* streamCompletion(url, body) {
  const response = await post(url, JSON.stringify({ ...body, stream: true }));
  try {
    let pending = '';
    for await (const chunk of response.setEncoding('utf8')) {
      pending += chunk;
      if (response.statusCode !== 200) continue;
      const blocks = pending.split('\n\n');
      pending = blocks.pop() ?? '';
      for (const block of blocks) if (block.startsWith('data: ')) yield JSON.parse(block.slice(6));
    }
    if (response.statusCode !== 200) {
      throw new Error(`llama-server answered ${response.statusCode}: ${pending.slice(0, LOG_TAIL)}`);
    }
  } finally {
    response.destroy();
  }
}

function post(url, text) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    request(url, { method: 'POST', headers, agent: false }, resolve).once('error', reject).end(text);
  });
}
