/** A process that converts and is killed at the n-th call to the file system. usage: conversionChild GGUF DIR N */
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { openConvertedModel } from '../../../src/inference/store/convertedModel';
import { weightsIdentity } from '../../../src/inference/store/weightsIdentity';
import { faultyFiles } from '../../support/faultyFiles';

const [, , model, cacheDir, at] = process.argv;
if (model === undefined || cacheDir === undefined) throw new Error('usage: conversionChild GGUF DIR N');
void convert(model, cacheDir, Number(at));

async function convert(path: string, dir: string, call: number): Promise<void> {
  const { files } = faultyFiles({ at: call, what: 'kill' });
  const sha256 = await weightsIdentity(path, dir, { files });
  const source = await readGguf(path);
  await openConvertedModel({ source, sha256, variant: 'fast', cacheDir: dir, files });
  console.log('done');
}
