/**
 * The alphabet of byte-level BPE (GPT-2, and Qwen2 after it): each of the 256 bytes is written as one printable
 * character, so that vocabulary and merges are plain text without blanks. Printable Latin-1 bytes stand for
 * themselves; the other 68 are numbered upward from U+0100 in byte order.
 */
function isPrintableLatin1(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
}

const FIRST_SUBSTITUTE = 0x100;

export interface ByteAlphabet {
  /** [256] character of each byte. */
  readonly characters: readonly string[];
  /** Bytes that a token's text stands for, or undefined where it holds a character outside the alphabet. */
  toBytes(token: string): Uint8Array | undefined;
  /** Whether every character of the text belongs to the alphabet. */
  covers(token: string): boolean;
}

export function createByteAlphabet(): ByteAlphabet {
  const characters: string[] = [];
  let substitutes = 0;
  for (let byte = 0; byte < 256; byte++) {
    characters.push(String.fromCharCode(isPrintableLatin1(byte) ? byte : FIRST_SUBSTITUTE + substitutes++));
  }
  // Indexed by UTF-16 unit; all characters lie below U+0144. -1 marks units outside the alphabet.
  const byteOfUnit = new Int16Array(FIRST_SUBSTITUTE + substitutes).fill(-1);
  characters.forEach((character, byte) => (byteOfUnit[character.charCodeAt(0)] = byte));
  const byteAt = (token: string, index: number): number => byteOfUnit[token.charCodeAt(index)] ?? -1;

  return {
    characters,
    covers(token) {
      for (let i = 0; i < token.length; i++) if (byteAt(token, i) < 0) return false;
      return true;
    },
    toBytes(token) {
      const bytes = new Uint8Array(token.length);
      for (let i = 0; i < token.length; i++) {
        const byte = byteAt(token, i);
        if (byte < 0) return undefined;
        bytes[i] = byte;
      }
      return bytes;
    },
  };
}
