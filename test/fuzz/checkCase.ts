/** Reads one file as the engine does before it trusts it, and checks what must hold for any bytes whatever. */
import { getHeapStatistics } from 'node:v8';
import { EngineError, type EngineErrorCode } from '../../src/inference/errors';
import type { ByteSource } from '../../src/inference/gguf/headerReader';
import { readModelConfig } from '../../src/inference/gguf/modelConfig';
import { parseGguf } from '../../src/inference/gguf/readGguf';
import { tokenizerFromGguf } from '../../src/inference/tokenizer/fromGguf';

/** Memory that reading may allocate: so many times the input, and a constant. */
export const MEMORY_FACTOR = 10;
/** The window of the reader (1 MB), the tables of the tokenizer's libraries, and what a first call compiles. */
export const MEMORY_CONSTANT = 8 * 1024 * 1024;

/** Whatever a file says, its error fits a message. */
const MAX_MESSAGE_CHARACTERS = 500;

/** What the tokenizer of an accepted file must give back unchanged. */
const SAMPLE = 'def f(x):\r\n\treturn  x + 1  # Grüße 世界 👋 <|im_end|> <tool_call> é\u0000\n\n';

export interface CaseResult {
  readonly outcome: 'accepted' | EngineErrorCode;
  /** Of the error, with its numbers and names left out; tells which check was reached. */
  readonly check: string;
  /** Bytes that were asked of the file. */
  readonly requestedBytes: number;
  /**
   * Growth of heap and array buffers while the file was read, garbage included; undefined where a collection came in
   * between, after which it says nothing.
   */
  readonly allocatedBytes: number | undefined;
}

/** What a case must not do. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** The way from bytes to a model that can be loaded; a test puts a faulty one in its place. */
export type ReadFile = (source: ByteSource, size: number) => Promise<void>;

/**
 * Header, model, vocabulary, as `loadSession` reads them.
 * @throws EngineError
 */
export const readAsEngine: ReadFile = async (source, size) => {
  const parts = await parseGguf(source);
  for (const { name, offset, byteLength } of parts.tensors.values()) {
    if (offset + byteLength > size) throw new Violation(`tensor ${name} lies outside the file`);
  }
  readModelConfig({ path: 'fuzzed.gguf', size, ...parts });
  const tokenizer = tokenizerFromGguf(parts.metadata);
  if (tokenizer.decode(tokenizer.encode(SAMPLE)) !== SAMPLE) {
    throw new Violation('an accepted vocabulary does not give text back');
  }
};

/** @throws Violation */
export async function checkCase(bytes: Uint8Array, read: ReadFile = readAsEngine): Promise<CaseResult> {
  let requestedBytes = 0;
  const source: ByteSource = {
    size: bytes.length,
    read: (target, position) => {
      requestedBytes += target.length;
      const part = bytes.subarray(position, position + target.length);
      target.set(part);
      return Promise.resolve(part.length);
    },
  };
  const before = memoryUsed();
  const error = await read(source, bytes.length).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const grown = memoryUsed() - before;
  const allocatedBytes = grown >= 0 ? grown : undefined;
  const limit = MEMORY_FACTOR * bytes.length + MEMORY_CONSTANT;
  if (grown > limit) throw new Violation(`${grown} bytes allocated for a file of ${bytes.length}`);
  if (requestedBytes > limit)
    throw new Violation(`${requestedBytes} bytes asked of a file of ${bytes.length}`);
  return { ...verdict(error), requestedBytes, allocatedBytes };
}

function verdict(error: unknown): Pick<CaseResult, 'outcome' | 'check'> {
  if (error === undefined) return { outcome: 'accepted', check: 'accepted' };
  if (error instanceof Violation) throw error;
  if (!(error instanceof EngineError)) {
    throw new Violation(`not a typed error: ${error instanceof Error ? error.stack : typeof error}`);
  }
  const { code, message } = error;
  if (code !== 'model-corrupt' && code !== 'model-unsupported') {
    throw new Violation(`an error with the code ${code}: ${message}`);
  }
  if (message.length > MAX_MESSAGE_CHARACTERS || hasControlCharacter(message)) {
    throw new Violation(`a message that cannot be shown: ${JSON.stringify(message)}`);
  }
  const check = message
    .replace(/"(?:[^"\\]|\\.)*"|\b\w+(?:\.\w+)+/g, '…')
    .replace(/-?\d[\d.e+]*|NaN|-?Infinity/g, '#');
  return { outcome: code, check };
}

const hasControlCharacter = (text: string): boolean =>
  [...text].some((character) => (character.codePointAt(0) ?? 0) < 0x20);

/** Heap in use and memory of array buffers, in bytes. */
function memoryUsed(): number {
  const { used_heap_size: heap, external_memory: buffers } = getHeapStatistics();
  return heap + buffers;
}
