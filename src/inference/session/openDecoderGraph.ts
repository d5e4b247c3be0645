import type { Variant } from '../engine';
import type { ModelConfig } from '../gguf/modelConfig';
import type { GgufFile } from '../gguf/readGguf';
import { rotatesStream } from '../graph/qwen2Graph';
import { ResidualRotation } from '../graph/rotation';
import { DecoderGraph } from './decoderGraph';
import { EmbeddingTable } from './embeddingTable';

/** Opens a converted model together with the embeddings in its GGUF. @throws EngineError as `DecoderGraph.load` */
export async function openDecoderGraph(
  source: GgufFile,
  config: ModelConfig,
  variant: Variant,
  modelFile: string,
  threads: number,
  profilePrefix?: string,
): Promise<DecoderGraph> {
  const rotation = rotatesStream(variant) ? new ResidualRotation(config.hiddenSize) : undefined;
  const embeddings = new EmbeddingTable(source, rotation);
  return DecoderGraph.load(modelFile, config.blockCount, embeddings, threads, profilePrefix);
}
