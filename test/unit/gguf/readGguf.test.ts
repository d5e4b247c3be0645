import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseGguf, readGguf } from '../../../src/inference/gguf/readGguf';
import { buildTiny, encode, GgufBuilder, memorySource, tinyQwen2, VALUE_TYPE } from './ggufBuilder';

describe('readGguf', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'gguf-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('reads a file from disk', async () => {
    const path = join(dir, 'tiny.gguf');
    const bytes = buildTiny(tinyQwen2());
    await writeFile(path, bytes);
    const file = await readGguf(path);
    assert.equal(file.path, path);
    assert.equal(file.size, bytes.length);
    assert.equal(file.metadata.string('general.name'), 'Tiny');
    assert.equal(file.tensors.size, 27);
  });

  it('says that a file is missing, and where', async () => {
    const path = join(dir, 'nowhere.gguf');
    await assert.rejects(readGguf(path), {
      code: 'model-missing',
      message: `There is no model file at ${path}.`,
      detail: { path },
    });
    const file = join(dir, 'plain');
    await writeFile(file, 'x');
    await assert.rejects(readGguf(join(file, 'model.gguf')), { code: 'model-missing' });
  });

  it('takes a folder for no model', async () => {
    await assert.rejects(readGguf(dir), { code: 'io' });
  });

  it('adds the path to what it finds wrong', async () => {
    const path = join(dir, 'page.gguf');
    await writeFile(path, '\r\n<!DOCTYPE html><title>404</title>');
    await assert.rejects(readGguf(path), {
      code: 'model-corrupt',
      message:
        'The model file is not a GGUF: it is a web page, perhaps an error page in place of the download.',
      detail: { path },
    });
  });
});

describe('parseGguf', () => {
  const parse = (bytes: Uint8Array) => parseGguf(memorySource(bytes));
  const corrupt = (message: string | RegExp) => ({ code: 'model-corrupt', message });

  it('reads every metadata type', async () => {
    const { metadata, tensors } = await parse(
      new GgufBuilder()
        .metadata('u8', encode.uint8(255))
        .metadata('i8', encode.int8(-128))
        .metadata('u16', encode.uint16(65_535))
        .metadata('i16', encode.int16(-32_768))
        .metadata('u32', encode.uint32(4_294_967_295))
        .metadata('i32', encode.int32(-2_147_483_648))
        .metadata('u64', encode.uint64(2n ** 53n - 1n))
        .metadata('i64', encode.int64(-(2n ** 53n - 1n)))
        .metadata('u64 beyond', encode.uint64(2n ** 53n))
        .metadata('i64 beyond', encode.int64(-(2n ** 63n)))
        .metadata('f32', encode.float32(0.5))
        .metadata('f64', encode.float64(Math.PI))
        .metadata('yes', encode.boolean(true))
        .metadata('no', encode.boolean(false))
        .metadata('text', encode.string('Größe 漢字 🎈 \uFEFF\uFFFD\0'))
        .metadata('empty', encode.string(''))
        .build(),
    );
    const numbers = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64', 'f32', 'f64'];
    assert.deepEqual(
      numbers.map((key) => metadata.number(key)),
      [255, -128, 65_535, -32_768, 4_294_967_295, -2_147_483_648, 2 ** 53 - 1, 1 - 2 ** 53, 0.5, Math.PI],
    );
    assert.throws(() => metadata.number('u64 beyond'), corrupt(/"u64 beyond" is an integer beyond 2\^53/));
    assert.throws(() => metadata.number('i64 beyond'), corrupt(/"i64 beyond" is an integer beyond 2\^53/));
    assert.deepEqual([metadata.boolean('yes'), metadata.boolean('no')], [true, false]);
    assert.equal(metadata.string('text'), 'Größe 漢字 🎈 \uFEFF\uFFFD\0');
    assert.equal(metadata.string('empty'), '');
    assert.equal(tensors.size, 0);
  });

  it('reads arrays in the file’s element type', async () => {
    const array = (type: keyof typeof VALUE_TYPE, values: number[]) => {
      const encodeOne = encode[type as 'uint8'];
      return encode.array(VALUE_TYPE[type], values.map(encodeOne));
    };
    const { metadata } = await parse(
      new GgufBuilder()
        .metadata('u8', array('uint8', [0, 255]))
        .metadata('i8', array('int8', [-1, 127]))
        .metadata('u16', array('uint16', [1, 65_535]))
        .metadata('i16', array('int16', [-2, 2]))
        .metadata('u32', array('uint32', [7, 4_294_967_295]))
        .metadata('i32', array('int32', [-7]))
        .metadata('f32', array('float32', [0.25]))
        .metadata('f64', array('float64', [0.1]))
        .metadata('u64', array('uint64', [5, 2 ** 53 - 1]))
        .metadata('i64', array('int64', [-5, 0, -1, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53 - 1)]))
        .metadata('none', array('int32', []))
        .metadata(
          'u64 beyond',
          encode.array(VALUE_TYPE.uint64, [encode.uint64(1), encode.uint64(2n ** 64n - 1n)]),
        )
        .metadata('words', encode.strings(['', 'Ġdef', '漢']))
        .metadata('flags', encode.array(VALUE_TYPE.boolean, [encode.boolean(true)]))
        .metadata('nested', encode.array(VALUE_TYPE.array, [encode.strings(['a']), array('int8', [1, 2])]))
        .metadata('after', encode.uint8(9))
        .build(),
    );
    assert.deepEqual(metadata.numbers('u8'), new Uint8Array([0, 255]));
    assert.deepEqual(metadata.numbers('i8'), new Int8Array([-1, 127]));
    assert.deepEqual(metadata.numbers('u16'), new Uint16Array([1, 65_535]));
    assert.deepEqual(metadata.numbers('i16'), new Int16Array([-2, 2]));
    assert.deepEqual(metadata.numbers('u32'), new Uint32Array([7, 4_294_967_295]));
    assert.deepEqual(metadata.numbers('i32'), new Int32Array([-7]));
    assert.deepEqual(metadata.numbers('f32'), new Float32Array([0.25]));
    assert.deepEqual(metadata.numbers('f64'), new Float64Array([0.1]));
    assert.deepEqual(metadata.numbers('u64'), new Float64Array([5, 2 ** 53 - 1]));
    assert.deepEqual(
      metadata.numbers('i64'),
      new Float64Array([-5, 0, -1, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53 - 1)]),
    );
    assert.deepEqual(metadata.numbers('none'), new Int32Array(0));
    assert.deepEqual(metadata.strings('words'), ['', 'Ġdef', '漢']);
    assert.throws(
      () => metadata.numbers('u64 beyond'),
      corrupt(/is an array of uint64 beyond 2\^53 instead/),
    );
    assert.throws(() => metadata.numbers('flags'), corrupt(/is an array of booleans instead/));
    assert.throws(() => metadata.strings('nested'), corrupt(/is an array of arrays instead/));
    assert.equal(metadata.number('after'), 9);
  });

  it('places tensors, outermost dimension first', async () => {
    for (const version of [2, 3]) {
      const bytes = new GgufBuilder()
        .tensor('norm', [5], 'F32')
        .tensor('matrix', [3, 64], 'Q8_0')
        .tensor('cube', [2, 3, 4], 'F16')
        .build({ version });
      const { tensors } = await parse(bytes);
      const start = bytes.length - (32 + 224 + 64);
      assert.equal(start % 32, 0);
      assert.deepEqual(
        [...tensors.values()],
        [
          { name: 'norm', shape: [5], type: 'F32', offset: start, byteLength: 20 },
          { name: 'matrix', shape: [3, 64], type: 'Q8_0', offset: start + 32, byteLength: 204 },
          { name: 'cube', shape: [2, 3, 4], type: 'F16', offset: start + 256, byteLength: 48 },
        ],
      );
      assert.equal(tensors.get('cube')?.name, 'cube');
    }
  });

  it('follows the file’s own alignment', async () => {
    const bytes = new GgufBuilder()
      .metadata('general.alignment', encode.uint32(256))
      .tensor('a', [1], 'F32')
      .tensor('b', [1], 'F32')
      .build({ alignment: 256 });
    const { tensors } = await parse(bytes);
    assert.deepEqual([tensors.get('a')?.offset, tensors.get('b')?.offset], [256, 512]);
    for (const alignment of [0, 3, 48, 2 ** 21]) {
      const file = new GgufBuilder().metadata('general.alignment', encode.uint32(alignment)).build();
      await assert.rejects(
        parse(file),
        corrupt(/an alignment of \d+ bytes is no power of two up to 1048576/),
      );
    }
  });

  it('gives the same whatever the sizes of the reads', async () => {
    const tokens = Array.from({ length: 60_000 }, (_, i) => `tökén${i}`.repeat(1 + (i % 3)));
    const bytes = new GgufBuilder()
      .metadata('tokens', encode.strings(tokens))
      .metadata(
        'ids',
        encode.array(
          VALUE_TYPE.int32,
          tokens.map((_, i) => encode.int32(-i)),
        ),
      )
      .metadata('long', encode.string('x'.repeat(3_000_000)))
      .metadata(
        'flags',
        encode.array(
          VALUE_TYPE.boolean,
          Array.from({ length: 9 }, () => encode.boolean(true)),
        ),
      )
      .tensor('t', [1], 'F32')
      .build();
    assert.ok(bytes.length > 4_500_000, 'several windows of 1 MiB');
    for (const maxRead of [Infinity, 65_537, 999_983]) {
      const { metadata, tensors } = await parseGguf(memorySource(bytes, maxRead));
      assert.deepEqual(metadata.strings('tokens'), tokens);
      assert.deepEqual(
        metadata.numbers('ids'),
        Int32Array.from(tokens, (_, i) => -i),
      );
      assert.equal(metadata.string('long').length, 3_000_000);
      assert.equal(tensors.get('t')?.offset, bytes.length - 32);
    }
  });

  it('never touches tensor data beyond the header’s last chunk', async () => {
    const bytes = new GgufBuilder().tensor('big', [4_000_000], 'F32').build();
    const source = memorySource(bytes);
    let end = 0;
    await parseGguf({
      size: source.size,
      read: (target, position) => {
        end = Math.max(end, position + target.length);
        return source.read(target, position);
      },
    });
    assert.ok(end <= 1024 * 1024, `read up to ${end}`);
  });
});
