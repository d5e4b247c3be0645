import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  memoryNeed,
  needsOtherEngine,
  planModel,
  type PlanSurroundings,
} from '../../../src/extension/modelPlan';
import { settingValues } from '../../../src/extension/settingValues';
import { EngineError } from '../../../src/inference/errors';
import { CATALOGUE, DEFAULT_MODEL, findModel } from '../../../src/inference/store/catalogue';
import { ModelStore } from '../../../src/inference/store/modelStore';
import { NODE_FILES } from '../../../src/inference/store/fileLayer';
import { writePin } from '../../../src/inference/store/pin';

describe('planModel', () => {
  let dir: string;
  let surroundings: PlanSurroundings;
  const settings = settingValues(() => undefined);

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'plan-'));
    await mkdir(join(dir, 'models'));
    const dirs = { modelsDir: join(dir, 'models'), convertedDir: join(dir, 'converted') };
    surroundings = {
      ...dirs,
      store: new ModelStore(dirs),
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
      contextTokens: 8192,
      threads: 3,
      variant: 'auto',
    });
  });

  it('takes the model that is chosen, with the sum that was pinned when it was downloaded', async () => {
    const model = findModel(CATALOGUE, '3b');
    assert.ok(model && model.sha256 === undefined);
    const modelPath = join(dir, 'models', model.hub.file);
    await writeFile(modelPath, '');
    const chosen = { ...settings, completionModel: model.id, variant: 'exact' as const };
    const { expectedSha256, ...plan } = await planModel(chosen, surroundings);
    assert.equal(expectedSha256, undefined, 'a file of the person’s own under that name');
    assert.deepEqual(
      [plan.modelPath, plan.displayName, plan.variant],
      [modelPath, 'Qwen2.5-Coder 3B', 'exact'],
    );
    const sha256 = 'ab'.repeat(32);
    await writePin(modelPath, { bytes: 7, sha256 }, NODE_FILES);
    assert.equal((await planModel(chosen, surroundings)).expectedSha256, sha256);
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

  it('knows about how much memory a model takes', async () => {
    const load = { modelPath: join(dir, 'mine.gguf'), contextTokens: 8192 };
    const need = (changed: Partial<typeof settings>) => memoryNeed(load, { ...settings, ...changed });
    const small = await need({ variant: 'exact' });
    assert.ok(small > 0.7e9 && small < 1.3e9, `${small}`);
    assert.equal(await need({}), Math.max(await need({ variant: 'fast' }), small), 'the variant is open');
    assert.ok((await need({ completionModel: CATALOGUE[1]?.id ?? '' })) > 1.5 * small);
    await writeFile(load.modelPath, Buffer.alloc(1000));
    assert.equal(await need({ modelPath: load.modelPath }), 2200);
  });

  it('wants another engine for what the engine was made from, and for nothing else', () => {
    const before = settingValues(() => undefined);
    assert.equal(needsOtherEngine(before, { ...before, threads: 3 }), true);
    assert.equal(needsOtherEngine(before, { ...before, contextTokens: 4096 }), true);
    assert.equal(needsOtherEngine(before, { ...before, modelPath: '/m.gguf' }), true);
    assert.equal(needsOtherEngine(before, { ...before, variant: 'exact' }), true);
    const other = { completionModel: CATALOGUE[1]?.id ?? '' };
    assert.equal(needsOtherEngine(before, { ...before, ...other }), true);
    const own = { ...before, modelPath: '/m.gguf' };
    assert.equal(needsOtherEngine(own, { ...own, ...other }), false, 'the file is used all the same');
    assert.equal(
      needsOtherEngine(before, { ...before, maxNewTokens: 9, debounceMs: 9, enable: false, idleMinutes: 1 }),
      false,
    );
  });
});
