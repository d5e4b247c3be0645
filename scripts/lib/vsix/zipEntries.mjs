import { readFileSync } from 'node:fs';
import { ProvisionError } from '../provisionError.mjs';

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;

/**
 * The names in a ZIP archive's central directory (PKWARE APPNOTE 4.3.12 and 4.3.16; no ZIP64, which a VSIX of this
 * size does not need).
 * @param {string} path
 * @returns {string[]}
 * @throws {ProvisionError} when the file is not such an archive
 */
export function zipEntries(path) {
  const bytes = readFileSync(path);
  let end = bytes.length - END_BYTES;
  while (end >= 0 && bytes.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < 0) throw new ProvisionError(`${path} is not a ZIP archive.`);
  const names = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (bytes.readUInt32LE(at) !== ENTRY_SIGNATURE) {
      throw new ProvisionError(`${path} has a broken directory.`);
    }
    const [name, extra, comment] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field));
    names.push(bytes.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + name));
    at += ENTRY_BYTES + name + extra + comment;
  }
  return names;
}
