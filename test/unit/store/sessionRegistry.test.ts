/** Processes that see each other's sessions: with real ones. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeRoom } from '../../../src/inference/store/makeRoom';
import { SessionRegistry, type HeldSession } from '../../../src/inference/store/sessionRegistry';

/** Long enough for a busy machine; an answer ends the wait. */
const LIMIT_MS = 20_000;
const SESSION: HeldSession = { model: 'm', bytes: 1e9, lastUsed: 1000, busy: false };

describe('SessionRegistry', function () {
  this.timeout(60_000);
  let dir: string;
  let registry: SessionRegistry;
  let peers: ChildProcess[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sessions-'));
    registry = new SessionRegistry({ dir });
    peers = [];
  });
  afterEach(async () => {
    for (const peer of peers) await end(peer);
    await rm(dir, { recursive: true });
  });

  /** Starts another process that holds a session. */
  const startPeer = async (
    lastUsed: number,
    behaviour: 'release' | 'decline' | 'ignore',
  ): Promise<ChildProcess> => {
    const peer = fork(join(__dirname, 'sessionPeer.js'), [dir, String(lastUsed), behaviour]);
    peers.push(peer);
    await once(peer, 'message');
    return peer;
  };
  const end = async (peer: ChildProcess): Promise<void> => {
    if (peer.exitCode !== null || peer.signalCode !== null) return;
    const ended = once(peer, 'exit');
    peer.kill('SIGKILL');
    await ended;
  };

  it('shows what other processes hold, the least recently used first, and not what this one does', async () => {
    const newer = await startPeer(2000, 'ignore');
    const older = await startPeer(1000, 'ignore');
    await registry.hold(SESSION);
    const others = await registry.others();
    assert.deepEqual(
      others.map(({ pid, lastUsed, busy }) => ({ pid, lastUsed, busy })),
      [
        { pid: older.pid, lastUsed: 1000, busy: false },
        { pid: newer.pid, lastUsed: 2000, busy: false },
      ],
    );
    assert.equal(others[0]?.model, `model of ${older.pid}`);
  });

  it('has another process release what it holds', async () => {
    await startPeer(1000, 'release');
    const [other] = await registry.others();
    assert.ok(other);
    assert.equal(await registry.ask(other.id, LIMIT_MS), 'released');
    assert.deepEqual(await registry.others(), []);
    assert.deepEqual(await readdir(dir), []);
  });

  it('takes no for an answer', async () => {
    await startPeer(1000, 'decline');
    const [other] = await registry.others();
    assert.ok(other);
    assert.equal(await registry.ask(other.id, LIMIT_MS), 'declined');
    assert.equal((await registry.others()).length, 1);
    assert.equal((await readdir(dir)).length, 1, 'the question is gone');
  });

  it('does not wait for ever, nor when it is told not to', async () => {
    await startPeer(1000, 'ignore');
    const [other] = await registry.others();
    assert.ok(other);
    assert.equal(await registry.ask(other.id, 1), 'no-answer');
    assert.equal(await registry.ask(other.id, LIMIT_MS, AbortSignal.abort()), 'no-answer');
    assert.equal((await readdir(dir)).length, 1, 'the question is taken back');
  });

  it('takes a process that is no more for one that has released, and cleans up after it', async () => {
    const peer = await startPeer(1000, 'ignore');
    const [other] = await registry.others();
    assert.ok(other);
    await end(peer);
    assert.equal(await registry.ask(other.id, LIMIT_MS), 'released');
    assert.deepEqual(await readdir(dir), []);
    const second = await startPeer(1000, 'ignore');
    await end(second);
    assert.deepEqual(await registry.others(), []);
    assert.deepEqual(await readdir(dir), []);
  });

  it('makes room by asking one process after the other, until there is enough', async () => {
    const GB = 1e9;
    await startPeer(1000, 'decline');
    await startPeer(2000, 'release');
    const last = await startPeer(3000, 'release');
    const log: string[] = [];
    // As much is free as sessions are gone, to begin with nothing.
    const availableMemory = async (): Promise<number> => (3 - (await registry.others()).length) * GB;
    const room = await makeRoom(0.3 * GB, { availableMemory, registry, log: (line) => log.push(line) });
    assert.equal(room, true);
    assert.deepEqual(
      log.map((line) => line.split(': ').at(-1)),
      ['declined', 'released'],
    );
    assert.ok(
      (await registry.others()).some(({ pid }) => pid === last.pid),
      'the last one was not needed',
    );
  });

  it('sees neither other machines nor what cannot be read, and sweeps what is old', async () => {
    const elsewhere = new SessionRegistry({ dir, host: 'elsewhere', pid: 4_194_305 });
    await elsewhere.hold(SESSION);
    const file = (name: string): string => join(dir, name);
    for (const name of ['1-a.session.json', '2-b.session.json', '3-c.ask']) await writeFile(file(name), '{}');
    for (const name of ['2-b.session.json', '3-c.ask']) await utimes(file(name), 1, 1);
    assert.deepEqual(await registry.others(), []);
    const left = await readdir(dir);
    assert.equal(left.length, 2);
    assert.ok(left.includes('1-a.session.json'), 'may be about to be written');
  });

  it('takes an entry for abandoned that nobody writes again, also if its process number is in use', async () => {
    let now = 1_000_000;
    const other = new SessionRegistry({ dir, now: () => now, isAlive: () => true });
    const mine = new SessionRegistry({ dir, now: () => now, isAlive: () => true });
    await other.hold(SESSION);
    now += 60_000;
    assert.equal((await mine.others()).length, 1);
    await other.hold(SESSION);
    now += 5 * 60_000;
    assert.equal((await mine.others()).length, 1, 'written again meanwhile, though nothing had changed');
    now += 1;
    assert.deepEqual(await mine.others(), []);
  });

  it('says whether this process is asked, until it has answered', async () => {
    await registry.hold(SESSION);
    assert.equal(await registry.isAsked(), false);
    const other = new SessionRegistry({ dir, pid: 4_194_304 });
    const [mine] = await other.others();
    assert.ok(mine);
    const answer = other.ask(mine.id, LIMIT_MS);
    while (!(await registry.isAsked())) await new Promise((resolve) => setTimeout(resolve, 5));
    await registry.decline();
    assert.equal(await registry.isAsked(), false);
    assert.equal(await answer, 'declined');
  });
});
