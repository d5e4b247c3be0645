import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { endsLine, firstLineOf } from '../../bench/firstLine';
import { addSample, continueSamples, readTasks } from '../../bench/infillSamples';
import { temporaryFolder } from '../../support/tinyModel';

describe('samples of infilling tasks', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('are for every nth task of a compressed file', async () => {
    const tasks = [0, 1, 2, 3, 4].map((id) => ({
      task_id: `T/${id}`,
      prompt: 'a\n',
      suffix: '\nb',
      test: '',
    }));
    const path = join(folder.path, 'tasks.jsonl.gz');
    writeFileSync(path, gzipSync(`${tasks.map((task) => JSON.stringify(task)).join('\n')}\n`));
    const read = await readTasks(path, 2);
    assert.deepEqual(
      read.map(({ task_id }) => task_id),
      ['T/0', 'T/2', 'T/4'],
    );
  });

  it('go on behind the last whole line of an interrupted run', async () => {
    const path = join(folder.path, 'samples.jsonl');
    assert.deepEqual(await continueSamples(path), new Set());
    await addSample(path, 'T/0', '    return "ü"\n');
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"task_id":"T/1","comple`);
    assert.deepEqual(await continueSamples(path), new Set(['T/0']));
    await addSample(path, 'T/1', '');
    assert.equal(
      readFileSync(path, 'utf8'),
      '{"task_id":"T/0","completion":"    return \\"ü\\"\\n"}\n{"task_id":"T/1","completion":""}\n',
    );
  });
});

describe('the first line', () => {
  it('ends at a line end behind text, not at one before it', () => {
    assert.equal(endsLine('\n\n    return 1'), false);
    assert.equal(endsLine('    return 1\n'), true);
    assert.equal(endsLine('   \n'), true);
  });

  it('has its end, also where the text stopped without one; blank text stays', () => {
    assert.equal(firstLineOf('    return 1\n    x'), '    return 1\n');
    assert.equal(firstLineOf('    return 1'), '    return 1\n');
    assert.equal(firstLineOf('  \n'), '  \n');
    assert.equal(firstLineOf(''), '');
  });
});
