/** Sound files that cases are made from. */
import { readFileSync } from 'node:fs';
import { encode, GgufBuilder, VALUE_TYPE } from '../unit/gguf/ggufBuilder';
import { mapHeader, type HeaderMap } from './fields';
import { buildModel, modelParts } from './model';

export interface Seed {
  readonly bytes: Buffer;
  readonly header: HeaderMap;
  /** How often it is chosen, in proportion; large files take longer. */
  readonly weight: number;
}

const seed = (bytes: Buffer, weight: number): Seed => ({ bytes, header: mapHeader(bytes), weight });

export function loadSeeds(): readonly [Seed, ...Seed[]] {
  const aligned = { ...modelParts(true), alignment: 64 };
  return [
    seed(buildModel(modelParts(false)), 8),
    seed(buildModel(aligned), 6),
    seed(everyValueType(), 5),
    seed(readFileSync('test/fixtures/tiny/tiny-tied.gguf'), 1),
    seed(readFileSync('test/fixtures/tiny/tiny-untied.gguf'), 1),
  ];
}

/** A file with a value of each type, alone and in an array, and nothing that makes it a model. */
function everyValueType(): Buffer {
  const builder = new GgufBuilder();
  const scalars = {
    uint8: encode.uint8(255),
    int8: encode.int8(-1),
    uint16: encode.uint16(65_535),
    int16: encode.int16(-1),
    uint32: encode.uint32(2 ** 32 - 1),
    int32: encode.int32(-1),
    float32: encode.float32(1.5),
    float64: encode.float64(NaN),
    boolean: encode.boolean(true),
    uint64: encode.uint64(2n ** 64n - 1n),
    int64: encode.int64(-1n),
    string: encode.string('Grüße, 世界, 👋'),
  };
  for (const [name, value] of Object.entries(scalars)) {
    builder.metadata(name, value);
    builder.metadata(`${name}s`, encode.array(value.type, [value, value, value]));
  }
  const inner = encode.array(VALUE_TYPE.array, [encode.array(VALUE_TYPE.boolean, [encode.boolean(false)])]);
  builder.metadata('nested', encode.array(VALUE_TYPE.array, [inner, inner]));
  builder.metadata('empty', encode.array(VALUE_TYPE.string, []));
  return builder.tensor('t', [2, 32], 'Q8_0').tensor('u', [2, 2, 2, 2], 'F32').build({ version: 2 });
}
