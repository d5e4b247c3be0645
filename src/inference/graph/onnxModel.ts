/**
 * ONNX models as plain objects, and their encoding. The objects mirror ONNX's protobuf messages one to one; the
 * encoding itself is protobufjs's, from the schema beside this file.
 */
import * as protobuf from 'protobufjs';
import schema from './onnx.proto';

/** Element types by their ONNX numbers. */
export const ELEMENT_TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7 } as const;
export type ElementType = keyof typeof ELEMENT_TYPE;

export const BYTES_PER_ELEMENT: Readonly<Record<ElementType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  int32: 4,
  int64: 8,
};

export type AttributeValue = { readonly int: number } | { readonly float: number };

export interface OnnxNode {
  readonly operator: string;
  /** '' for ONNX's own operators. */
  readonly domain: string;
  /** '' stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A constant: its bytes either inside the model or in the data file beside it. */
export interface OnnxInitializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data:
    | { readonly inline: Uint8Array }
    | { readonly file: string; readonly offset: number; readonly byteLength: number };
}

/** A graph input or output; named dims are free. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxInitializer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Version of ONNX's operators and of the model format that the graphs are written in. */
const OPSET = 21;
const IR_VERSION = 10;
export const MICROSOFT = 'com.microsoft';

/** Encodes a model as the bytes of an `.onnx` file. */
export function encodeOnnxModel(model: OnnxModel): Uint8Array {
  const type = protobuf.parse(schema, { keepCase: true }).root.lookupType('onnx.ModelProto');
  const message = type.create({
    ir_version: IR_VERSION,
    producer_name: 'qwen-coder-local',
    opset_import: [
      { domain: '', version: OPSET },
      { domain: MICROSOFT, version: 1 },
    ],
    graph: {
      name: model.name,
      node: model.nodes.map(encodeNode),
      initializer: model.initializers.map(encodeInitializer),
      input: model.inputs.map(encodeValue),
      output: model.outputs.map(encodeValue),
    },
  });
  return type.encode(message).finish();
}

function encodeNode(node: OnnxNode): object {
  return {
    name: node.outputs.find((output) => output !== ''),
    op_type: node.operator,
    domain: node.domain,
    input: node.inputs,
    output: node.outputs,
    attribute: Object.entries(node.attributes).map(([name, value]) =>
      'int' in value ? { name, type: 2, i: value.int } : { name, type: 1, f: value.float },
    ),
  };
}

function encodeInitializer({ name, type, shape, data }: OnnxInitializer): object {
  const common = { name, data_type: ELEMENT_TYPE[type], dims: shape };
  if ('inline' in data) return { ...common, raw_data: data.inline };
  const external = { location: data.file, offset: data.offset, length: data.byteLength };
  return {
    ...common,
    data_location: 1,
    external_data: Object.entries(external).map(([key, value]) => ({ key, value: String(value) })),
  };
}

function encodeValue({ name, type, shape }: OnnxValue): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size }));
  return { name, type: { tensor_type: { elem_type: ELEMENT_TYPE[type], shape: { dim } } } };
}
