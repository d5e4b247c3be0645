import assert from 'node:assert/strict';
import { freemem, totalmem } from 'node:os';
import { availableMemory, type MemoryReadings } from '../../../src/inference/store/availableMemory';

const GB = 1024 ** 3;

/** A machine with 16 GB of which 6 are free, and with these files and kernel values. */
function machine(platform: NodeJS.Platform, values: Readonly<Record<string, string>> = {}): MemoryReadings {
  const value = async (name: string): Promise<string> => {
    const found = values[name];
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  return { platform, free: () => 6 * GB, total: () => 16 * GB, read: value, sysctl: value };
}

describe('availableMemory', () => {
  it('is what the system says on Linux and Windows', async () => {
    assert.equal(await availableMemory(machine('linux')), 6 * GB);
    assert.equal(await availableMemory(machine('win32')), 6 * GB);
  });

  it('is the kernel’s percentage on macOS, where free pages say nothing', async () => {
    assert.equal(await availableMemory(machine('darwin', { 'kern.memorystatus_level': '75\n' })), 12 * GB);
    assert.equal(await availableMemory(machine('darwin')), undefined);
    assert.equal(await availableMemory(machine('darwin', { 'kern.memorystatus_level': 'x' })), undefined);
  });

  it('is what a container’s limit leaves, caches that can be dropped not counted', async () => {
    const group = '/sys/fs/cgroup/memory';
    const container = machine('linux', {
      [`${group}.max`]: `${4 * GB}\n`,
      [`${group}.current`]: `${3 * GB}\n`,
      [`${group}.stat`]: `anon 7\ninactive_file ${GB}\nactive_file 9\n`,
    });
    assert.equal(await availableMemory(container), 2 * GB);
    const older = machine('linux', {
      [`${group}/memory.limit_in_bytes`]: `${4 * GB}\n`,
      [`${group}/memory.usage_in_bytes`]: `${3.5 * GB}\n`,
      [`${group}/memory.stat`]: `cache 7\ninactive_file 1\ntotal_inactive_file ${GB / 4}\n`,
    });
    assert.equal(await availableMemory(older), 0.75 * GB);
  });

  it('leaves aside a limit that is none', async () => {
    assert.equal(await availableMemory(machine('linux', { '/sys/fs/cgroup/memory.max': 'max\n' })), 6 * GB);
    const beyond = { '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' };
    assert.equal(await availableMemory(machine('linux', beyond)), 6 * GB);
  });

  it('can be told on this machine', async () => {
    const bytes = await availableMemory();
    assert.ok(bytes !== undefined && bytes > 0 && bytes <= totalmem(), String(bytes));
    if (process.platform !== 'darwin') assert.ok(bytes <= freemem() * 1.5, 'about what is free');
  });
});
