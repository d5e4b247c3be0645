import assert from 'node:assert/strict';
import { EngineError, tellsOfMemoryShortage } from '../../src/inference/errors';

describe('EngineError.from', () => {
  it('takes a failed allocation of an array for what it is', () => {
    assert.throws(
      () => new ArrayBuffer(2 ** 50),
      (error: unknown) => EngineError.from(error).code === 'out-of-memory',
    );
    assert.equal(EngineError.from(new RangeError('Invalid array length')).code, 'internal');
  });

  it('keeps the code of a system error and wraps the rest', () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    assert.equal(EngineError.from(full, 'network').code, 'disk-full');
    assert.equal(EngineError.from(new Error('?'), 'network').code, 'network');
    assert.equal(EngineError.from('a string').message, 'a string');
  });
});

describe('tellsOfMemoryShortage', () => {
  it('knows the words of the runtime, of V8 and of the dynamic linker', () => {
    for (const words of [
      'Exception during initialization: std::bad_alloc',
      'bfc_arena.cc:376 Failed to allocate memory for requested buffer of size 1048576',
      'libonnxruntime.so.1: failed to map segment from shared object',
      'libonnxruntime.so.1: cannot open shared object file: Cannot allocate memory',
      'Array buffer allocation failed',
    ]) {
      assert.equal(tellsOfMemoryShortage(words), true, words);
    }
  });

  it('leaves other failures alone', () => {
    for (const words of [
      'Load model from model.onnx failed: Protobuf parsing failed.',
      'libonnxruntime.so.1: cannot open shared object file: No such file or directory',
      'Non-zero status code returned while running MatMulNBits node.',
      'exit code 7',
    ]) {
      assert.equal(tellsOfMemoryShortage(words), false, words);
    }
  });
});
