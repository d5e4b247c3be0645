import assert from 'node:assert/strict';
import * as protobuf from 'protobufjs';
import schema from '../../../src/inference/graph/onnx.proto';
import { encodeOnnxModel } from '../../../src/inference/graph/onnxModel';
import { planQwen2Graph } from '../../../src/inference/graph/qwen2Graph';
import { VARIANTS } from '../../../src/inference/engine';
import type { ModelConfig } from '../../../src/inference/gguf/modelConfig';

const config = (overrides: Partial<ModelConfig> = {}): ModelConfig => ({
  architecture: 'qwen2',
  name: 'test',
  blockCount: 3,
  hiddenSize: 128,
  headCount: 4,
  kvHeadCount: 2,
  headDim: 32,
  feedForwardSize: 256,
  vocabSize: 320,
  contextLength: 1024,
  rmsEpsilon: 1e-6,
  ropeTheta: 1e6,
  tiedEmbeddings: false,
  ...overrides,
});

for (const variant of VARIANTS) {
  describe(`planQwen2Graph, ${variant}`, () => {
    it('lays constants out at page borders without overlap, and knows the size', () => {
      const { weights } = planQwen2Graph(config(), variant, 'data');
      const regions = weights.tasks
        .flatMap((task) => ('scales' in task ? [task.values, task.scales] : [task.values]))
        .sort((a, b) => a.offset - b.offset);
      let end = 0;
      for (const { offset, byteLength } of regions) {
        assert.equal(offset % 4096, 0);
        assert.ok(offset >= end);
        end = offset + byteLength;
      }
      assert.equal(end, weights.dataBytes);
    });

    const tensorsOf = (overrides: Partial<ModelConfig> = {}): string[] =>
      planQwen2Graph(config(overrides), variant, 'data').weights.tasks.flatMap((task) =>
        task.kind === 'computed' ? [] : task.parts.map(({ source }) => source),
      );

    it('uses every matrix, bias and gain of the model, and each matrix only once', () => {
      const used = tensorsOf();
      assert.equal(new Set(used).size, used.length);
      const { weights } = planQwen2Graph(config(), variant, 'data');
      const gains = weights.tasks.flatMap((task) =>
        task.kind === 'int8' ? task.parts.flatMap(({ gain }) => gain ?? []) : [],
      );
      // 12 tensors a block, head, last norm; the embedding is read from the GGUF.
      assert.equal(new Set([...used, ...gains]).size, 3 * 12 + 2);
      assert.ok(!used.includes('token_embd.weight'));
    });

    it('uses the embedding as a tied head', () => {
      const used = tensorsOf({ tiedEmbeddings: true });
      assert.ok(used.includes('token_embd.weight') && !used.includes('output.weight'));
    });

    it('defines every value before it is used, and each only once', () => {
      const { model } = planQwen2Graph(config(), variant, 'data');
      const defined = new Set([...model.inputs, ...model.initializers].map(({ name }) => name));
      for (const node of model.nodes) {
        for (const input of node.inputs)
          assert.ok(input === '' || defined.has(input), `${input} is not defined`);
        for (const output of node.outputs.filter((name) => name !== '')) {
          assert.ok(!defined.has(output), `${output} is defined twice`);
          defined.add(output);
        }
      }
      for (const { name } of model.outputs) assert.ok(defined.has(name), `${name} is never computed`);
    });

    it('leaves rows out whose logits nobody wants behind the last keys and values, but in what stands for all blocks', () => {
      const gathered = (lastRows?: 'new' | 'wanted'): string[] => {
        const { model } = planQwen2Graph(config(), variant, 'data', lastRows);
        return model.nodes
          .filter(({ inputs }) => inputs.includes('logits_idx'))
          .map(({ inputs }) => inputs[0] ?? '');
      };
      const last = `b${config().blockCount - 1}`;
      assert.deepEqual(gathered(), [`${last}.attn.residual`, `${last}.attended`]);
      assert.deepEqual(gathered('new'), ['final.normed']);
    });

    it('is encoded so that a protobuf reader finds the same again', () => {
      const { model } = planQwen2Graph(config(), variant, 'weights.data');
      const type = protobuf.parse(schema, { keepCase: true }).root.lookupType('onnx.ModelProto');
      const read = type.toObject(type.decode(encodeOnnxModel(model)), { longs: Number }) as {
        ir_version: number;
        graph: {
          node: { op_type: string }[];
          initializer: { external_data?: { key: string; value: string }[] }[];
        };
      };
      assert.equal(read.ir_version, 10);
      assert.deepEqual(
        read.graph.node.map(({ op_type }) => op_type),
        model.nodes.map(({ operator }) => operator),
      );
      const files = read.graph.initializer.flatMap(({ external_data = [] }) =>
        external_data.filter(({ key }) => key === 'location').map(({ value }) => value),
      );
      assert.ok(files.length > 20 && files.every((file) => file === 'weights.data'));
    });

    it('keeps to the context that the model was trained for', () => {
      assert.equal(planQwen2Graph(config({ contextLength: 131_072 }), variant, 'data').maxPositions, 32_768);
      assert.equal(planQwen2Graph(config({ contextLength: 512 }), variant, 'data').maxPositions, 512);
    });
  });
}
