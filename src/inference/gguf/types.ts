/** Tensor types that a GGUF may hold and this engine can read. */
export const TENSOR_TYPES = ['F32', 'F16', 'Q8_0', 'Q5_0', 'Q4_K', 'Q6_K'] as const;
export type TensorType = (typeof TENSOR_TYPES)[number];

export interface GgufTensor {
  readonly name: string;
  /** Row-major dims, outermost first: a matrix is [rows, columns] (the file stores them the other way round). */
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** Absolute byte offset in the file. */
  readonly offset: number;
  readonly byteLength: number;
}
