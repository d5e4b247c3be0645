import assert from 'node:assert/strict';
import { Log, type LogChannel } from '../../../src/extension/log';

/** Throws once it is closed, as the editor's does. */
class Channel implements LogChannel {
  readonly written: string[] = [];
  #closed = false;

  readonly debug = (line: string): void => this.#write(`debug ${line}`);
  readonly info = (line: string): void => this.#write(`info ${line}`);
  readonly error = (line: string): void => this.#write(`error ${line}`);
  readonly show = (): void => this.#write('shown');

  dispose(): void {
    this.#closed = true;
  }

  #write(line: string): void {
    if (this.#closed) throw new Error('Channel has been closed');
    this.written.push(line);
  }
}

describe('Log', () => {
  const useAll = (log: Log): void => {
    log.debug('a');
    log.info('b');
    log.error('c');
    log.show();
  };

  it('writes to its channel', () => {
    const channel = new Channel();
    useAll(new Log(channel));
    assert.deepEqual(channel.written, ['debug a', 'info b', 'error c', 'shown']);
  });

  it('drops what comes after its end: requests end later than the channel', () => {
    const channel = new Channel();
    const log = new Log(channel);
    log.dispose();
    useAll(log);
    assert.deepEqual(channel.written, []);
    assert.throws(() => channel.info('the channel itself is closed'));
  });
});
