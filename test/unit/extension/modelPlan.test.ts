import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needsOtherEngine, planModel, type PlanSurroundings } from '../../../src/extension/modelPlan';
import { settingValues } from '../../../src/extension/settingValues';
import { EngineError } from '../../../src/inference/errors';
import { DEFAULT_MODEL } from '../../../src/inference/store/catalogue';

describe('planModel', () => {
  let dir: string;
  let surroundings: PlanSurroundings;
  const settings = settingValues(() => undefined);

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'plan-'));
    await mkdir(join(dir, 'models'));
    surroundings = {
      modelsDir: join(dir, 'models'),
      convertedDir: join(dir, 'converted'),
      homedir: dir,
      logicalProcessors: 8,
      arch: 'x64',
    };
  });
  afterEach(() => rm(dir, { recursive: true }));

  const missing = (pattern: RegExp) => (error: unknown) =>
    error instanceof EngineError && error.code === 'model-missing' && pattern.test(error.message);

  it('takes the catalogue’s model with the sum that it must have', async () => {
    const modelPath = join(dir, 'models', DEFAULT_MODEL.hub.file);
    await writeFile(modelPath, '');
    assert.deepEqual(await planModel(settings, surroundings), {
      modelPath,
      cacheDir: join(dir, 'converted'),
      displayName: DEFAULT_MODEL.name,
      expectedSha256: DEFAULT_MODEL.sha256,
      contextTokens: 2048,
      threads: 3,
      variant: 'auto',
    });
  });

  it('takes a file of the person’s own without a sum, also from the home folder', async () => {
    await writeFile(join(dir, 'mine.gguf'), '');
    const plan = await planModel({ ...settings, modelPath: '~/mine.gguf', threads: 5 }, surroundings);
    assert.equal(plan.modelPath, join(dir, 'mine.gguf'));
    assert.equal('expectedSha256' in plan, false);
    assert.equal('displayName' in plan, false);
    assert.equal(plan.threads, 5);
  });

  it('says which of the two is missing', async () => {
    await assert.rejects(planModel(settings, surroundings), missing(/has not been downloaded yet/));
    const modelPath = join(dir, 'gone.gguf');
    await assert.rejects(
      planModel({ ...settings, modelPath }, surroundings),
      missing(/gone\.gguf, which the setting/),
    );
    await assert.rejects(planModel({ ...settings, modelPath: dir }, surroundings), missing(/is not a file/));
  });

  it('wants another engine for what the engine was made from, and for nothing else', () => {
    const before = settingValues(() => undefined);
    assert.equal(needsOtherEngine(before, { ...before, threads: 3 }), true);
    assert.equal(needsOtherEngine(before, { ...before, contextTokens: 4096 }), true);
    assert.equal(needsOtherEngine(before, { ...before, modelPath: '/m.gguf' }), true);
    assert.equal(needsOtherEngine(before, { ...before, variant: 'exact' }), true);
    assert.equal(
      needsOtherEngine(before, { ...before, maxNewTokens: 9, debounceMs: 9, enable: false, idleMinutes: 1 }),
      false,
    );
  });
});
