import assert from 'node:assert/strict';
import { memoryOf, ownMemory, parseProcStatus } from '../../bench/processMemory';

const STATUS = `Name:\tllama-server
VmPeak:\t 1200000 kB
VmHWM:\t  900000 kB
VmRSS:\t  800000 kB
RssAnon:\t  300000 kB
RssFile:\t  500000 kB
`;

describe('memory of a process', () => {
  it('is read in bytes from what Linux tells of it', () => {
    assert.deepEqual(parseProcStatus(STATUS), {
      resident: 800_000 * 1024,
      peak: 900_000 * 1024,
      anonymous: 300_000 * 1024,
    });
  });

  it('is nothing for a process that has ended but was not waited for', () => {
    assert.equal(parseProcStatus('Name:\tnode\nState:\tZ (zombie)\n'), undefined);
  });

  it('of this process is the same by its id', async function () {
    if (process.platform === 'win32') return;
    const [own, byId] = [await ownMemory(), await memoryOf(process.pid)];
    assert.ok(own.resident > 10e6);
    assert.ok(
      Math.abs(own.resident - byId.resident) < 0.2 * own.resident,
      `${own.resident} ${byId.resident}`,
    );
  });
});
