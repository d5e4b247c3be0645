import assert from 'node:assert/strict';
import { VARIANTS } from '../../../src/inference/engine';
import { readModelConfig, type ModelConfig } from '../../../src/inference/gguf/modelConfig';
import { readGguf } from '../../../src/inference/gguf/readGguf';
import { planQwen2Graph } from '../../../src/inference/graph/qwen2Graph';
import { CATALOGUE, DEFAULT_MODEL, findModel } from '../../../src/inference/store/catalogue';
import { cacheBytes, convertedBytes, parameterCount } from '../../../src/inference/store/modelNeeds';
import { TINY_TIED, TINY_UNTIED } from '../../support/tinyModel';

describe('what a model needs', () => {
  /** The graph's constants start at page borders. */
  const PAGE = 4096;

  const configOf = (dimensions: (typeof DEFAULT_MODEL)['dimensions']): ModelConfig => ({
    ...dimensions,
    architecture: 'qwen2',
    name: 'of the catalogue',
    headCount: dimensions.hiddenSize / dimensions.headDim,
    rmsEpsilon: 1e-6,
    ropeTheta: 1e6,
  });

  for (const model of CATALOGUE) {
    for (const variant of VARIANTS) {
      it(`is, for ${model.name} ${variant}, what the graph’s own plan says`, () => {
        const { weights } = planQwen2Graph(configOf(model.dimensions), variant, 'data');
        const found = convertedBytes(model.dimensions, variant);
        // The fast variants fold their norms' gains into the matrices.
        const gains =
          variant === 'exact' ? 0 : (2 * model.dimensions.blockCount + 1) * model.dimensions.hiddenSize * 4;
        const padding = weights.tasks.length * 2 * PAGE;
        const planned = weights.dataBytes + gains;
        assert.ok(found <= planned && planned <= found + padding, String(found));
      });
    }

    it(`has, for ${model.name}, as many parameters as its name says`, () => {
      const { parameters, dimensions } = model;
      const inName = Number(/([\d.]+)B$/.exec(model.name)?.[1]) * 1e9;
      const tied = parameterCount({ ...dimensions, tiedEmbeddings: true });
      // Qwen counts the embedding of its smaller models once, as they are tied there.
      assert.ok(Math.abs((inName >= 7e9 ? parameters : tied) - inName) < 0.1 * inName, String(tied));
      // Q4_K_M takes between 4.5 and 6.5 bits a weight; the smallest model's file has mostly Q5_0.
      const bits = (8 * model.bytes) / parameters;
      assert.ok(bits > 4.5 && bits < 6.5, `${bits} bits`);
    });

    it(`is, for ${model.name} fast, about two bytes a weight on disk, one of them in memory`, () => {
      const { needs, parameters } = model;
      const { dimensions } = model;
      const perWeight = convertedBytes(dimensions, 'fast') / parameters;
      // The embedding is not converted.
      assert.ok(perWeight > 0.75 && perWeight < 1.06, String(perWeight));
      assert.ok(convertedBytes(dimensions, 'fast') < convertedBytes(dimensions, 'exact'));
      const twice = needs.fast.diskBytes / convertedBytes(dimensions, 'fast');
      assert.ok(twice > 1.9 && twice < 2, String(twice));
      assert.equal(needs.exact.diskBytes, Math.round(convertedBytes(dimensions, 'exact')));
      assert.ok(needs.fast.memoryBytes < needs.exact.memoryBytes);
      assert.deepEqual(needs.fast7, needs.fast);
    });
  }

  it('counts the weights of a file', async () => {
    for (const path of [TINY_TIED, TINY_UNTIED]) {
      const file = await readGguf(path);
      const elements = [...file.tensors.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
      assert.equal(
        parameterCount(readModelConfig(file)),
        elements.reduce((a, b) => a + b, 0),
      );
    }
  });

  it('is 24 KiB of keys and values for a token of the 0.5B model', () => {
    assert.equal(cacheBytes(DEFAULT_MODEL.dimensions, 1), 24 * 1024);
  });
});

describe('the catalogue', () => {
  it('finds models by identifier and by short name', () => {
    assert.equal(findModel(CATALOGUE, '0.5b'), DEFAULT_MODEL);
    assert.equal(findModel(CATALOGUE, '7B')?.name, 'Qwen2.5-Coder 7B');
    assert.equal(findModel(CATALOGUE, 'qwen2.5-coder-1.5b-instruct-q4_k_m')?.aliases[0], '1.5b');
    assert.equal(findModel(CATALOGUE, '13b'), undefined);
  });

  it('knows no two models by one name, and no two files', () => {
    const names = CATALOGUE.flatMap(({ id, aliases, hub }) => [id, ...aliases, hub.file]);
    assert.equal(new Set(names).size, names.length);
  });

  it('asks for agreement where the licence is not an open-source one, and says what it allows', () => {
    for (const { licence } of CATALOGUE) {
      assert.equal(licence.needsAgreement, licence.name !== 'Apache-2.0');
      assert.equal(licence.summary !== undefined, licence.needsAgreement);
      assert.match(licence.url, /^https:\/\/huggingface\.co\/Qwen\/.*\/LICENSE$/);
    }
    assert.equal(findModel(CATALOGUE, '3b')?.licence.needsAgreement, true);
  });
});
