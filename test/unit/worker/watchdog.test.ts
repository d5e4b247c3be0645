import assert from 'node:assert/strict';
import { EngineError } from '../../../src/inference/errors';
import { ABORT_FLAG } from '../../../src/inference/protocol';
import { CallTable, type Call } from '../../../src/inference/worker/calls';
import { DEFAULT_PATIENCE, TICK_MS, Watchdog } from '../../../src/inference/worker/watchdog';
import { ManualTicks } from '../../support/manualTicks';

const { loadMs, requestMs } = DEFAULT_PATIENCE;

describe('Watchdog', () => {
  let ticks: ManualTicks;
  let calls: CallTable;
  let stalls: number[];
  let watchdog: Watchdog;

  beforeEach(() => {
    ticks = new ManualTicks();
    calls = new CallTable();
    stalls = [];
    watchdog = new Watchdog(calls, (silentMs) => stalls.push(silentMs), ticks.start);
  });

  const open = (patienceMs: number): { id: number; call: Call } => {
    const opened = calls.open(patienceMs);
    watchdog.watch();
    return opened;
  };
  /** What the server does between two chunks or tokens. */
  const look = (call: Call): void => void Atomics.add(new Int32Array(call.flag), ABORT_FLAG.looks, 1);

  it('reports a silence that outlasts the patience, once', () => {
    open(requestMs);
    ticks.pass(requestMs - TICK_MS);
    assert.deepEqual(stalls, []);
    ticks.pass(TICK_MS);
    assert.deepEqual(stalls, [requestMs]);
    ticks.pass(10 * requestMs);
    assert.equal(stalls.length, 1);
    assert.equal(ticks.running, 0);
  });

  it('takes slow for slow: looks at the flag, progress and answers end the silence', () => {
    const { id, call } = open(requestMs);
    const signs = [
      () => look(call),
      () => calls.dispatch({ type: 'progress', id, phase: 'converting' }),
      () => calls.dispatch({ type: 'text', id, text: '', tokens: 1, logProbability: 0 }),
    ];
    for (let round = 0; round < 30; round++) {
      ticks.pass(requestMs - TICK_MS);
      signs[round % signs.length]?.();
      ticks.pass(TICK_MS);
    }
    assert.deepEqual(stalls, []);
  });

  it('has the patience of the most patient call', () => {
    open(requestMs);
    const load = open(loadMs);
    ticks.pass(loadMs - TICK_MS);
    assert.deepEqual(stalls, []);
    calls.dispatch({ type: 'error', id: load.id, error: new EngineError('io', '').toWire() });
    ticks.pass(requestMs);
    assert.deepEqual(stalls, []);
    ticks.pass(TICK_MS);
    assert.deepEqual(stalls, [requestMs]);
  });

  it('has no timer while nothing is owed', () => {
    assert.equal(ticks.running, 0);
    const { id } = open(requestMs);
    assert.equal(ticks.running, 1);
    calls.dispatch({ type: 'tokenCount', id, count: 1 });
    ticks.pass(TICK_MS);
    assert.equal(ticks.running, 0);
  });

  it('begins with full patience after a pause', () => {
    const { id } = open(requestMs);
    ticks.pass(requestMs - TICK_MS);
    calls.dispatch({ type: 'tokenCount', id, count: 1 });
    ticks.pass(TICK_MS);
    open(requestMs);
    ticks.pass(requestMs - TICK_MS);
    assert.deepEqual(stalls, []);
  });

  it('goes on watching a call that was withdrawn but not answered', () => {
    const { call } = open(requestMs);
    call.abort();
    call.fail(new EngineError('aborted', ''));
    ticks.pass(requestMs);
    assert.deepEqual(stalls, [requestMs]);
  });
});
