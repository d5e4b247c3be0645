import { BLOCK_SIZES, bytesOf } from './dequantize';
import { corrupt, quoted, unsupported } from './ggufErrors';
import type { HeaderReader } from './headerReader';
import { readString } from './readMetadata';
import { TENSOR_TYPES, type GgufTensor, type TensorType } from './types';

/** The specification's limit. */
const MAX_NAME_BYTES = 64;
/** ggml's tensors have one to four dimensions. */
const MAX_DIMENSIONS = 4;

/** Bytes that the shortest entry takes: a name of one byte, its length, one dimension, type, offset. */
export const MIN_TENSOR_BYTES = 8 + 1 + 4 + 8 + 4 + 8;

/** Types by their number in the file (`enum ggml_type`), also those that only an error message names. */
const TYPE_NAMES = new Map<number, string>([
  [0, 'F32'],
  [1, 'F16'],
  [2, 'Q4_0'],
  [3, 'Q4_1'],
  [6, 'Q5_0'],
  [7, 'Q5_1'],
  [8, 'Q8_0'],
  [9, 'Q8_1'],
  [10, 'Q2_K'],
  [11, 'Q3_K'],
  [12, 'Q4_K'],
  [13, 'Q5_K'],
  [14, 'Q6_K'],
  [15, 'Q8_K'],
  [16, 'IQ2_XXS'],
  [17, 'IQ2_XS'],
  [18, 'IQ3_XXS'],
  [19, 'IQ1_S'],
  [20, 'IQ4_NL'],
  [21, 'IQ3_S'],
  [22, 'IQ2_S'],
  [23, 'IQ4_XS'],
  [24, 'I8'],
  [25, 'I16'],
  [26, 'I32'],
  [27, 'I64'],
  [28, 'F64'],
  [29, 'IQ1_M'],
  [30, 'BF16'],
  [34, 'TQ1_0'],
  [35, 'TQ2_0'],
  [39, 'MXFP4'],
]);

/** A tensor as the header describes it: its offset counts from the start of the data, which is not known yet. */
export interface TensorInfo {
  readonly name: string;
  /** Outermost first. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  readonly relativeOffset: number;
  readonly byteLength: number;
}

/**
 * Reads `count` tensor descriptions.
 *
 * @throws EngineError `model-unsupported` for a type that the engine cannot read, `model-corrupt` for a repeated
 * name, an impossible shape, or rows that are no whole number of blocks
 */
export async function readTensorInfos(reader: HeaderReader, count: number): Promise<TensorInfo[]> {
  const infos: TensorInfo[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const name = reader.stringInWindow(MAX_NAME_BYTES) ?? (await readString(reader, MAX_NAME_BYTES));
    if (name === '') throw corrupt('The model file is damaged: a tensor has no name.');
    if (names.has(name)) throw corrupt(`The model file is damaged: tensor ${quoted(name)} is there twice.`);
    names.add(name);
    if (!reader.has(4)) await reader.fill(4);
    const dimensions = reader.u32();
    if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
      throw corrupt(`The model file is damaged: tensor ${quoted(name)} has ${dimensions} dimensions.`);
    }
    if (!reader.has(dimensions * 8 + 12)) await reader.fill(dimensions * 8 + 12);
    infos.push(takeTensorInfo(reader, name, dimensions));
  }
  return infos;
}

/** The rest of a description, which must be in the window. */
function takeTensorInfo(reader: HeaderReader, name: string, dimensions: number): TensorInfo {
  const shape = new Array<number>(dimensions);
  for (let i = dimensions - 1; i >= 0; i--) shape[i] = reader.u64AsNumber();
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements < 1 || !Number.isSafeInteger(elements)) {
    throw corrupt(`The model file is damaged: tensor ${quoted(name)} has the shape [${shape.join(', ')}].`);
  }
  const type = typeOf(reader.u32(), name);
  const columns = shape[shape.length - 1] ?? 0;
  if (columns % BLOCK_SIZES[type].elements !== 0) {
    throw corrupt(
      `The model file is damaged: tensor ${quoted(name)} has rows of ${columns} values, no whole number of ${type} blocks.`,
    );
  }
  return { name, shape, type, relativeOffset: reader.u64AsNumber(), byteLength: bytesOf(type, elements) };
}

function typeOf(number: number, tensorName: string): TensorType {
  const name = TYPE_NAMES.get(number) ?? `number ${number}`;
  const type = TENSOR_TYPES.find((known) => known === name);
  if (type !== undefined) return type;
  throw unsupported(
    `This model’s quantisation cannot be read: tensor ${quoted(tensorName)} has the type ${name}. ` +
      `Types that can be read: ${TENSOR_TYPES.join(', ')}.`,
    { tensorType: name },
  );
}

/**
 * Places the tensors in the file and checks that each lies in it, aligned, and on its own.
 *
 * @param dataStart first byte of the tensor data, in bytes from the start of the file
 * @throws EngineError `model-corrupt`
 */
export function placeTensors(
  infos: readonly TensorInfo[],
  dataStart: number,
  alignment: number,
  fileSize: number,
): Map<string, GgufTensor> {
  const tensors = infos.map(({ name, shape, type, relativeOffset, byteLength }): GgufTensor => {
    if (relativeOffset % alignment !== 0) {
      throw corrupt(
        `The model file is damaged: tensor ${quoted(name)} is at byte ${relativeOffset}, no multiple of ${alignment}.`,
      );
    }
    return { name, shape, type, offset: dataStart + relativeOffset, byteLength };
  });
  let before: GgufTensor | undefined;
  let end = 0;
  for (const tensor of [...tensors].sort((a, b) => a.offset - b.offset)) {
    if (tensor.offset < end) {
      throw corrupt(
        `The model file is damaged: the tensors ${quoted(before?.name ?? '')} and ${quoted(tensor.name)} overlap.`,
      );
    }
    before = tensor;
    end = tensor.offset + tensor.byteLength;
  }
  if (end > fileSize) {
    throw corrupt(
      `The model file is incomplete: its tensors end at byte ${end}, but it has only ${fileSize} bytes. ` +
        'Was its download interrupted?',
      { expectedBytes: end, fileBytes: fileSize },
    );
  }
  const byName = new Map<string, GgufTensor>();
  for (const tensor of tensors) byName.set(tensor.name, tensor);
  return byName;
}
