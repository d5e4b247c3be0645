import { MICROSOFT, type AttributeValue, type OnnxNode } from './onnxModel';
import { WeightPlanner } from './weightPlan';

/** Collects the operators and constants of a graph. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly weights: WeightPlanner;

  /** @param dataFile name of the external data file beside the model */
  constructor(dataFile: string) {
    this.weights = new WeightPlanner(dataFile);
  }

  /** Adds one of ONNX's own operators. @returns its output's name */
  node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Record<string, AttributeValue> = {},
  ): string {
    this.nodes.push({ operator, domain: '', inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds one of ONNX Runtime's operators. @returns its first output's name */
  microsoft(
    operator: string,
    inputs: readonly string[],
    outputs: string | readonly string[],
    attributes: Record<string, AttributeValue> = {},
  ): string {
    const all = typeof outputs === 'string' ? [outputs] : outputs;
    this.nodes.push({ operator, domain: MICROSOFT, inputs, outputs: all, attributes });
    return all[0] as string;
  }

  int64(name: string, values: readonly number[]): string {
    return this.weights.inline(name, 'int64', [values.length], bytesOf(BigInt64Array.from(values, BigInt)));
  }

  /** A scalar f32. */
  float(name: string, value: number): string {
    return this.weights.inline(name, 'float32', [], bytesOf(Float32Array.of(value)));
  }

  /** A scalar u8. */
  byte(name: string, value: number): string {
    return this.weights.inline(name, 'uint8', [], Uint8Array.of(value));
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: BigInt64Array | Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
