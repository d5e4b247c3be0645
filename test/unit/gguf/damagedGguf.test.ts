import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EngineError } from '../../../src/inference/errors';
import { readModelConfig } from '../../../src/inference/gguf/modelConfig';
import { parseGguf } from '../../../src/inference/gguf/readGguf';
import { buildTiny, encode, GgufBuilder, memorySource, tinyQwen2, VALUE_TYPE } from './ggufBuilder';

const parse = (bytes: Uint8Array) => parseGguf(memorySource(bytes));
const corrupt = (message: string | RegExp) => ({ name: 'EngineError', code: 'model-corrupt', message });
const unsupported = (message: string | RegExp) => ({
  name: 'EngineError',
  code: 'model-unsupported',
  message,
});

describe('parseGguf on other files', () => {
  const cases: [string, string | Buffer, RegExp][] = [
    ['an empty file', '', /^The model file is empty\.$/],
    ['a zip', 'PK\x03\x04 and more of it', /not a GGUF: it is a zip archive\.$/],
    ['a gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0]), /it is a gzip archive\.$/],
    ['a web page', '<html><body>Not found', /it is a web page/],
    ['a web page with a byte order mark', '\uFEFF  <!doctype html>', /it is a web page/],
    ['an error in JSON', '{"error":"gated"}', /it is a JSON text/],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:',
      /it is a Git LFS pointer/,
    ],
    ['safetensors', '\x10\0\0\0\0\0\0\0{"__metadata__"', /it is a safetensors file/],
    ['an old ggml model', 'tjgg\x03\0\0\0', /format from before GGUF\.$/],
    ['anything else', 'hello', /it is of another format\.$/],
  ];
  for (const [what, bytes, message] of cases) {
    it(`tells what ${what} is`, () => assert.rejects(parse(Buffer.from(bytes)), corrupt(message)));
  }

  it('names versions and byte orders that it cannot read', async () => {
    for (const version of [0, 1, 4, 70_000]) {
      await assert.rejects(
        parse(new GgufBuilder().build({ version })),
        unsupported(`The model file is GGUF version ${version}; versions 2 and 3 can be read.`),
      );
    }
    await assert.rejects(parse(new GgufBuilder().build({ version: 0x03000000 })), unsupported(/big-endian/));
    await assert.rejects(parse(new GgufBuilder().build({ magic: 'FUGG' })), unsupported(/big-endian/));
  });

  it('names the tensor and its type where it cannot read that', async () => {
    const file = (typeNumber: number) =>
      new GgufBuilder()
        .tensor('blk.0.ffn_up.weight', [1, 256], 'F32', { typeNumber, data: new Uint8Array(136) })
        .build();
    await assert.rejects(
      parse(file(23)),
      unsupported(/tensor "blk\.0\.ffn_up\.weight" has the type IQ4_XS\./),
    );
    await assert.rejects(parse(file(30)), unsupported(/has the type BF16\./));
    await assert.rejects(parse(file(4)), unsupported(/has the type number 4\./));
    await assert.rejects(parse(file(4_000_000_000)), unsupported(/has the type number 4000000000\./));
  });
});

describe('parseGguf on damaged files', () => {
  it('says expected and real size of a file whose data is cut off', async () => {
    const bytes = new GgufBuilder().tensor('t', [64, 64], 'F32').build();
    await assert.rejects(parse(bytes.subarray(0, bytes.length - 1)), {
      ...corrupt(
        `The model file is incomplete: its tensors end at byte ${bytes.length}, but it has only ${bytes.length - 1} ` +
          'bytes. Was its download interrupted?',
      ),
      detail: { expectedBytes: bytes.length, fileBytes: bytes.length - 1 },
    });
  });

  it('calls a file cut at any byte corrupt', async () => {
    const bytes = buildTiny(tinyQwen2());
    const end = bytes.length - 4; // the last tensor takes all of its room but no padding
    const { tensors } = await parse(bytes);
    const dataEnd = Math.max(...[...tensors.values()].map(({ offset, byteLength }) => offset + byteLength));
    assert.ok(dataEnd > end);
    const header = Math.min(...[...tensors.values()].map(({ offset }) => offset));
    const cuts = [...Array(header + 1).keys(), ...Array.from({ length: 50 }, (_, i) => dataEnd - 1 - i * 97)];
    for (const cut of cuts) {
      await assert.rejects(
        parse(bytes.subarray(0, cut)),
        { name: 'EngineError', code: 'model-corrupt' },
        `at ${cut}`,
      );
    }
  });

  it('notices a file that shrinks while it is read', async () => {
    const bytes = buildTiny(tinyQwen2());
    const shrunk = { ...memorySource(bytes.subarray(0, 900)), size: bytes.length };
    await assert.rejects(
      parseGguf(shrunk),
      corrupt(/cut short or damaged: it needs at least \d+ bytes and has 900\./),
    );
  });

  it('passes on what reading itself throws', async () => {
    const failing = { size: 1000, read: async () => Promise.reject(new Error('disk on fire')) };
    await assert.rejects(parseGguf(failing), /disk on fire/);
  });

  const metadataCases: [string, GgufBuilder, RegExp][] = [
    [
      'a repeated key',
      new GgufBuilder().metadata('a', encode.uint8(1)).metadata('a', encode.uint8(1)),
      /metadata "a" is there twice/,
    ],
    ['an empty key', new GgufBuilder().metadata('', encode.uint32(1)), /key is empty/],
    [
      'a key beyond the limit',
      new GgufBuilder().metadata('k'.repeat(65_536), encode.uint8(1)),
      /a text of 65536 bytes where at most 65535/,
    ],
    [
      'an unknown type',
      new GgufBuilder().metadata('a', { type: 13, bytes: Buffer.alloc(64) }),
      /unknown metadata type 13/,
    ],
    [
      'an unknown element type',
      new GgufBuilder().metadata('a', encode.array(99, [], 0)),
      /unknown metadata type 99/,
    ],
    [
      'a boolean of 2',
      new GgufBuilder().metadata('a', { type: VALUE_TYPE.boolean, bytes: Buffer.from([2]) }),
      /2 is no boolean/,
    ],
    [
      'text that is not UTF-8',
      new GgufBuilder().metadata('a', encode.string(Buffer.from([0x61, 0xff]))),
      /at byte 45 is not UTF-8/,
    ],
  ];
  for (const [what, builder, message] of metadataCases) {
    it(`refuses ${what}`, () => assert.rejects(parse(builder.build()), corrupt(message)));
  }

  it('refuses arrays nested too deep', async () => {
    const nest = (depth: number) => {
      let value = encode.array(VALUE_TYPE.uint8, [encode.uint8(1)]);
      for (let i = 1; i < depth; i++) value = encode.array(VALUE_TYPE.array, [value]);
      return parse(new GgufBuilder().metadata('a', value).build());
    };
    assert.equal((await nest(4)).metadata.has('a'), true);
    await assert.rejects(nest(5), corrupt(/nested deeper than 4/));
    await assert.rejects(nest(5000), corrupt(/nested deeper than 4/));
  });

  it('refuses more arrays within arrays than 4096 in all', async () => {
    const inner = (count: number) =>
      encode.array(
        VALUE_TYPE.array,
        Array.from({ length: count }, () => encode.array(VALUE_TYPE.uint8, [])),
      );
    const file = (first: number, second: number) =>
      parse(new GgufBuilder().metadata('a', inner(first)).metadata('b', inner(second)).build());
    assert.equal((await file(4000, 96)).metadata.has('b'), true);
    await assert.rejects(file(4000, 97), corrupt(/more than 4096 arrays within arrays/));
  });

  it('refuses lengths and counts beyond the file at once', async () => {
    for (const claim of [1000n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      const builder = () => new GgufBuilder().metadata('before', encode.uint8(1));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(claim);
      const files = [
        builder().metadata('a', { type: VALUE_TYPE.string, bytes: length }).build(),
        ...Object.values(VALUE_TYPE).map((type) =>
          builder()
            .metadata('a', encode.array(type, [], claim))
            .build(),
        ),
        builder().build({ metadataCount: claim }),
        builder().build({ tensorCount: claim }),
      ];
      for (const file of files) await assert.rejects(parse(file), corrupt(/cut short or damaged|claims/));
    }
  });

  it('allocates little for a hostile length in a huge file', async () => {
    const cases: [number, number, RegExp][] = [
      [VALUE_TYPE.float64, 2 ** 27, /header is larger than 134217728 bytes/],
      [VALUE_TYPE.string, 2 ** 24, /header is larger than 134217728 bytes/],
      [VALUE_TYPE.uint8, 2 ** 22 + 1, /an array of 4194305 values, at most 4194304 can be/],
      [VALUE_TYPE.string, 2 ** 22 + 1, /an array of 4194305 values, at most 4194304 can be/],
    ];
    for (const [type, claim, message] of cases) {
      const file = new GgufBuilder().metadata('a', encode.array(type, [], claim)).build();
      let largest = 0;
      // As a sparse file of 16 GB: the lengths are within it, so only the named limits protect.
      const source = {
        size: 2 ** 34,
        read: async (target: Uint8Array, position: number) => {
          largest = Math.max(largest, target.length);
          target.fill(0).set(file.subarray(position, position + target.length));
          return target.length;
        },
      };
      const before = process.memoryUsage().arrayBuffers;
      await assert.rejects(parseGguf(source), corrupt(message));
      assert.ok(largest <= 1024 * 1024, `a window of ${largest} bytes`);
      assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024);
    }
  });

  const tensorCases: [string, GgufBuilder, RegExp][] = [
    [
      'a repeated name',
      new GgufBuilder().tensor('t', [1], 'F32').tensor('t', [1], 'F32'),
      /tensor "t" is there twice/,
    ],
    ['no name', new GgufBuilder().tensor('', [1], 'F32'), /a tensor has no name/],
    [
      'a long name',
      new GgufBuilder().tensor('n'.repeat(65), [1], 'F32'),
      /a text of 65 bytes where at most 64/,
    ],
    ['no dimensions', new GgufBuilder().tensor('t', [], 'F32'), /tensor "t" has 0 dimensions/],
    ['five dimensions', new GgufBuilder().tensor('t', [1, 1, 1, 1, 1], 'F32'), /tensor "t" has 5 dimensions/],
    ['an empty dimension', new GgufBuilder().tensor('t', [4, 0], 'F32'), /has the shape \[4, 0\]/],
    [
      'too many values',
      new GgufBuilder().tensor('t', [2 ** 30, 2 ** 30], 'F32', { data: Buffer.alloc(4) }),
      /has the shape \[1073741824, 1073741824\]/,
    ],
    [
      'a size that wraps around',
      new GgufBuilder().tensor('t', [2n ** 63n, 2n], 'F32', { data: Buffer.alloc(4) }),
      /has the shape \[9223372036854776000, 2\]/,
    ],
    [
      'part of a block',
      new GgufBuilder().tensor('t', [8, 40], 'Q8_0', { data: Buffer.alloc(340) }),
      /rows of 40 values, no whole number of Q8_0 blocks/,
    ],
    [
      'an offset out of line',
      new GgufBuilder().tensor('t', [1], 'F32', { offset: 4 }),
      /"t" is at byte 4, no multiple of 32/,
    ],
    [
      'an offset beyond the file',
      new GgufBuilder().tensor('t', [1], 'F32', { offset: 64 }),
      /its tensors end at byte/,
    ],
    [
      'an offset beyond 2^53',
      new GgufBuilder().tensor('t', [1], 'F32', { offset: 2n ** 64n - 32n }),
      /its tensors end at byte/,
    ],
    [
      'an overlap',
      new GgufBuilder().tensor('a', [9], 'F32', { offset: 32 }).tensor('b', [9], 'F32', { offset: 0 }),
      /"b" and "a" overlap/,
    ],
    [
      'the same place twice',
      new GgufBuilder().tensor('a', [1], 'F32', { offset: 0 }).tensor('b', [1], 'F32', { offset: 0 }),
      /"a" and "b" overlap/,
    ],
  ];
  for (const [what, builder, message] of tensorCases) {
    it(`refuses a tensor with ${what}`, () => assert.rejects(parse(builder.build()), corrupt(message)));
  }

  it('shortens names from the file in its messages', async () => {
    const file = new GgufBuilder()
      .metadata('k\n'.repeat(3000), encode.uint8(1))
      .metadata('k\n'.repeat(3000), encode.uint8(1));
    await assert.rejects(
      parse(file.build()),
      (error: EngineError) => error.message.length < 250 && !error.message.includes('\n'),
    );
  });
});

describe('a model file with random damage', () => {
  const bytes = buildTiny(tinyQwen2());
  let headerEnd = 0;
  before(async () => {
    const { tensors } = await parse(bytes);
    headerEnd = Math.min(...[...tensors.values()].map(({ offset }) => offset));
  });

  /** Reads as the engine does; whatever is not a typed error fails the test. */
  async function readDamaged(damaged: Uint8Array): Promise<void> {
    try {
      const parts = await parse(damaged);
      for (const { offset, byteLength } of parts.tensors.values())
        assert.ok(offset + byteLength <= damaged.length);
      readModelConfig({ path: 'damaged.gguf', size: damaged.length, ...parts });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      assert.match(error.code, /^model-(corrupt|unsupported)$/);
    }
  }

  it('is read or refused with a typed error: flipped bytes', async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(damage, async (flips) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, mask] of flips) damaged[at % headerEnd]! ^= mask;
        await readDamaged(damaged);
      }),
      { numRuns: 1500 },
    );
  });

  it('is read or refused with a typed error: overwritten 64-bit numbers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), async (at, value) => {
        const damaged = Buffer.from(bytes);
        damaged.writeBigUInt64LE(value, at % (headerEnd - 8));
        await readDamaged(damaged);
      }),
      { numRuns: 1000 },
    );
  });

  it('is read or refused with a typed error: removed and inserted bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.nat({ max: 64 }),
        fc.uint8Array({ maxLength: 64 }),
        async (at, removed, inserted) => {
          const start = at % headerEnd;
          await readDamaged(
            Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start + removed)]),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });
});
