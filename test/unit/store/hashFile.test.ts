import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashFile } from '../../../src/inference/store/hashFile';

describe('hashFile', () => {
  /** More than two reads, the last one short. */
  const CONTENT = Buffer.alloc(9_000_001, 'weights');
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qwen-coder-hash-'));
    file = join(folder, 'weights');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('hashes the whole file and tells how far it is', async () => {
    await writeFile(file, CONTENT);
    const told: [number, number][] = [];
    const found = await hashFile(file, { onProgress: (done, total) => told.push([done, total]) });
    assert.equal(found, createHash('sha256').update(CONTENT).digest('hex'));
    assert.deepEqual(told.at(-1), [CONTENT.length, CONTENT.length]);
    assert.equal(told.length, 3);
  });

  it('hashes an empty file', async () => {
    await writeFile(file, '');
    assert.equal(await hashFile(file), createHash('sha256').digest('hex'));
  });

  it('gives up between two reads', async () => {
    await writeFile(file, CONTENT);
    let reads = 0;
    const hashed = hashFile(file, { isAborted: () => reads > 0, onProgress: () => reads++ });
    await assert.rejects(hashed, { code: 'aborted' });
    assert.equal(reads, 1);
  });

  it('tells a missing file from an unreadable one', async () => {
    await assert.rejects(hashFile(file), { code: 'model-missing' });
    await assert.rejects(hashFile(folder), { code: 'io' });
  });
});
