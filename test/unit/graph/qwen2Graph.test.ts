import assert from 'node:assert/strict';
import * as protobuf from 'protobufjs';
import schema from '../../../src/inference/graph/onnx.proto';
import { encodeOnnxModel } from '../../../src/inference/graph/onnxModel';
import { planQwen2Graph } from '../../../src/inference/graph/qwen2Graph';
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

describe('planQwen2Graph', () => {
  it('lays constants out at page borders without overlap, and knows the size', () => {
    const { weights } = planQwen2Graph(config(), 'data');
    const regions = weights.tasks
      .flatMap((task) => (task.kind === 'blocks8' ? [task.values, task.scales] : [task.values]))
      .sort((a, b) => a.offset - b.offset);
    let end = 0;
    for (const { offset, byteLength } of regions) {
      assert.equal(offset % 4096, 0);
      assert.ok(offset >= end);
      end = offset + byteLength;
    }
    assert.equal(end, weights.dataBytes);
  });

  it('uses every tensor of the model exactly once', () => {
    const { weights } = planQwen2Graph(config(), 'data');
    const used = weights.tasks.flatMap((task) => (task.kind === 'computed' ? [] : task.sources));
    assert.equal(new Set(used).size, used.length);
    // 12 tensors a block, embedding, head, last norm.
    assert.equal(used.length, 3 * 12 + 3);
  });

  it('shares the embedding’s bytes with a tied head', () => {
    const { model, weights } = planQwen2Graph(config({ tiedEmbeddings: true }), 'data');
    const head = model.nodes.find(({ outputs }) => outputs[0] === 'logits');
    const place = (name: string | undefined) =>
      model.initializers.find((constant) => constant.name === name)?.data;
    assert.deepEqual(place(head?.inputs[1]), place('embed.table'));
    assert.ok(
      !weights.tasks.some((task) => task.kind !== 'computed' && task.sources.includes('output.weight')),
    );
  });

  it('defines every value before it is used, and each only once', () => {
    const { model } = planQwen2Graph(config(), 'data');
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

  it('is encoded so that a protobuf reader finds the same again', () => {
    const { model } = planQwen2Graph(config(), 'weights.data');
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
    assert.ok(files.length > 30 && files.every((file) => file === 'weights.data'));
  });

  it('keeps to the context that the model was trained for', () => {
    assert.equal(planQwen2Graph(config({ contextLength: 131_072 }), 'data').maxPositions, 32_768);
    assert.equal(planQwen2Graph(config({ contextLength: 512 }), 'data').maxPositions, 512);
  });
});
