/**
 * Which numbers go where in a converted model's data file. A plan is made before a byte is read, so that offsets
 * are known when the graph is written and the weights can then stream past a few rows at a time.
 */
import { BYTES_PER_ELEMENT, type ElementType, type OnnxInitializer } from './onnxModel';

/** A tensor's place in the data file. */
export interface DataRegion {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly byteLength: number;
}

/** An orthogonal map of a matrix's inputs or outputs: the residual stream's rotation, or Hadamard blocks. */
export type OrthogonalMap = 'residual' | { readonly hadamard: number };

/** A matrix of the GGUF and what is multiplied into it before it is stored. */
export interface MatrixPart {
  readonly source: string;
  /** Rows taken, from the first on. */
  readonly rows: number;
  /** Vector of the GGUF that multiplies the columns: the gain of the norm before the matrix. */
  readonly gain?: string;
  /** What the inputs are mapped by; applied after the gain. */
  readonly inputs?: OrthogonalMap;
  /** What the outputs are mapped by. */
  readonly outputs?: OrthogonalMap;
}

/** A vector of the GGUF and the map it takes part in. */
export interface VectorPart {
  readonly source: string;
  readonly map?: { readonly hadamard: number };
}

/** One piece of work for the converter. */
export type WeightTask =
  /**
   * Matrices of the GGUF, stacked by rows to [rows, columns], in blocks of `QUANT_BLOCK` columns:
   * u8 values with zero point 128 and one f32 scale per block.
   */
  | {
      readonly kind: 'blocks8';
      readonly parts: readonly Pick<MatrixPart, 'source' | 'rows'>[];
      readonly rows: number;
      readonly columns: number;
      readonly values: DataRegion;
      readonly scales: DataRegion;
    }
  /**
   * Matrices of the GGUF, mapped and stacked by rows: s8 values [columns, rows] (transposed), one f32 scale per row.
   */
  | {
      readonly kind: 'int8';
      readonly parts: readonly MatrixPart[];
      readonly rows: number;
      readonly columns: number;
      /** Largest magnitude of a value. */
      readonly levels: number;
      readonly values: DataRegion;
      readonly scales: DataRegion;
    }
  /** Vectors of the GGUF, one behind the other, as f32. */
  | { readonly kind: 'float32'; readonly parts: readonly VectorPart[]; readonly values: DataRegion }
  /** Numbers that do not come from the GGUF. */
  | { readonly kind: 'computed'; readonly values: DataRegion; readonly compute: () => Uint8Array };

export interface WeightPlan {
  readonly tasks: readonly WeightTask[];
  readonly initializers: readonly OnnxInitializer[];
  /** Size of the data file in bytes. */
  readonly dataBytes: number;
}

/** Columns that share one scale. */
export const QUANT_BLOCK = 32;

/** Data starts at page borders, so that the runtime can map it. */
const PAGE = 4096;

/** Collects the constants of a graph and lays them out in its data file. */
export class WeightPlanner {
  readonly #tasks: WeightTask[] = [];
  readonly #initializers: OnnxInitializer[] = [];
  #end = 0;

  constructor(private readonly dataFile: string) {}

  /**
   * Plans stacked matrices in 8-bit blocks.
   * @returns names of the u8 values [rows, columns/block, block] and the f32 scales [rows * columns/block]
   */
  blocks8(
    name: string,
    parts: readonly Pick<MatrixPart, 'source' | 'rows'>[],
    columns: number,
  ): QuantizedNames {
    const rows = rowsOf(parts);
    const blocks = columns / QUANT_BLOCK;
    const values = this.#region(`${name}.q`, 'uint8', [rows, blocks, QUANT_BLOCK]);
    const scales = this.#region(`${name}.s`, 'float32', [rows * blocks]);
    this.#tasks.push({ kind: 'blocks8', parts, rows, columns, values, scales });
    return { values: this.#use(values), scales: this.#use(scales) };
  }

  /**
   * Plans mapped and stacked matrices in integers with one scale per row.
   * @returns names of the s8 values [columns, rows] and the f32 scales [rows]
   */
  int8(name: string, parts: readonly MatrixPart[], columns: number, levels: number): QuantizedNames {
    const rows = rowsOf(parts);
    const values = this.#region(`${name}.q`, 'int8', [columns, rows]);
    const scales = this.#region(`${name}.s`, 'float32', [rows]);
    this.#tasks.push({ kind: 'int8', parts, rows, columns, levels, values, scales });
    return { values: this.#use(values), scales: this.#use(scales) };
  }

  /** Plans vectors, one behind the other, as one f32 vector of `length` elements. */
  float32(name: string, parts: readonly VectorPart[], length: number): string {
    const values = this.#region(name, 'float32', [length]);
    this.#tasks.push({ kind: 'float32', parts, values });
    return this.#use(values);
  }

  /** Plans numbers that are computed while converting. */
  computed(name: string, type: ElementType, shape: readonly number[], compute: () => Uint8Array): string {
    const values = this.#region(name, type, shape);
    this.#tasks.push({ kind: 'computed', values, compute });
    return this.#use(values);
  }

  /** A small constant inside the model itself; shape inference reads axes and k only there. */
  inline(name: string, type: ElementType, shape: readonly number[], bytes: Uint8Array): string {
    if (!this.#initializers.some((initializer) => initializer.name === name))
      this.#initializers.push({ name, type, shape, data: { inline: bytes } });
    return name;
  }

  plan(): WeightPlan {
    return { tasks: this.#tasks, initializers: this.#initializers, dataBytes: this.#end };
  }

  #region(name: string, type: ElementType, shape: readonly number[]): DataRegion {
    const byteLength = shape.reduce((product, size) => product * size, BYTES_PER_ELEMENT[type]);
    const offset = Math.ceil(this.#end / PAGE) * PAGE;
    this.#end = offset + byteLength;
    return { name, type, shape, offset, byteLength };
  }

  #use({ name, type, shape, offset, byteLength }: DataRegion): string {
    this.#initializers.push({ name, type, shape, data: { file: this.dataFile, offset, byteLength } });
    return name;
  }
}

export interface QuantizedNames {
  readonly values: string;
  readonly scales: string;
}

const rowsOf = (parts: readonly { readonly rows: number }[]): number =>
  parts.reduce((sum, { rows }) => sum + rows, 0);
