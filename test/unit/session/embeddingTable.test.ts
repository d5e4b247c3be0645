import assert from 'node:assert/strict';
import { copyFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../src/inference/errors';
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { ResidualRotation } from '../../../src/inference/graph/rotation';
import { WeightReader } from '../../../src/inference/graph/weightReader';
import { EmbeddingTable } from '../../../src/inference/session/embeddingTable';
import { open } from 'node:fs/promises';
import { temporaryFolder, TINY_TIED, TINY_UNTIED } from '../../support/tinyModel';

const HIDDEN = 128;
const code = (expected: string) => (error: unknown) =>
  error instanceof EngineError && error.code === expected;

describe('EmbeddingTable', () => {
  for (const path of [TINY_TIED, TINY_UNTIED]) {
    it(`reads the rows that the whole matrix holds (${path.split('/').at(-1)})`, async () => {
      const source = await readGguf(path);
      const file = await open(path, 'r');
      const table = new EmbeddingTable(source, undefined);
      try {
        const row = await new WeightReader(source, file, () => false).rows('token_embd.weight');
        const ids = [0, 351, 17, 17, 3];
        const expected = ids.flatMap((id) => {
          const floats = new Float32Array(HIDDEN);
          row(id, floats);
          return [...floats];
        });
        assert.deepEqual([...table.lookUp(ids)], expected);
      } finally {
        table.close();
        await file.close();
      }
    });
  }

  it('rotates rows where the graph wants that', async () => {
    const source = await readGguf(TINY_TIED);
    const plain = new EmbeddingTable(source, undefined);
    const rotation = new ResidualRotation(HIDDEN);
    const rotated = new EmbeddingTable(source, rotation);
    assert.deepEqual(rotated.lookUp([5, 9]).slice(), rotation.apply(plain.lookUp([5, 9])).slice());
    plain.close();
    rotated.close();
  });

  it('tells what is wrong: ids, a closed table, a file that was cut meanwhile', async () => {
    const folder = await temporaryFolder();
    const path = join(folder.path, 'model.gguf');
    await copyFile(TINY_TIED, path);
    const source = await readGguf(path);
    const table = new EmbeddingTable(source, undefined);
    for (const id of [-1, 352, 1.5]) assert.throws(() => table.lookUp([id]), code('invalid-request'));
    await truncate(path, 40_000);
    assert.throws(() => table.lookUp([351]), code('model-corrupt'));
    assert.throws(() => new EmbeddingTable(source, undefined), code('model-corrupt'));
    table.close();
    table.close();
    assert.throws(() => table.lookUp([1]), code('shutting-down'));
    await folder.remove();
  });
});
