/** What the first bytes of files look like that get saved under a model's name by mistake. */
const SIGNATURES: readonly { readonly starts: string; readonly is: string }[] = [
  { starts: 'PK\x03\x04', is: 'a zip archive' },
  { starts: '\x1f\x8b', is: 'a gzip archive' },
  { starts: '(\xb5/\xfd', is: 'a zstd archive' },
  { starts: 'version https://git-lfs', is: 'a Git LFS pointer; the model itself was not fetched' },
  { starts: 'lmgg', is: 'a model in ggml’s format from before GGUF' },
  { starts: 'fmgg', is: 'a model in ggml’s format from before GGUF' },
  { starts: 'tjgg', is: 'a model in ggml’s format from before GGUF' },
];

/** Bytes that `describeForeignFile` wants to see. */
export const FOREIGN_FILE_BYTES = 64;

/**
 * Says in plain words what a file is that does not begin as a GGUF does.
 *
 * @param head its first bytes, at most `FOREIGN_FILE_BYTES` are looked at
 */
export function describeForeignFile(head: Uint8Array): string {
  const text = Buffer.from(head.subarray(0, FOREIGN_FILE_BYTES)).toString('latin1');
  const known = SIGNATURES.find(({ starts }) => text.startsWith(starts));
  if (known !== undefined) return known.is;
  // safetensors: a u64 length, then JSON
  if (text.slice(8, 10) === '{"') return 'a safetensors file; a GGUF is needed';
  const visible = text.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (visible.startsWith('<')) return 'a web page, perhaps an error page in place of the download';
  if (visible.startsWith('{')) return 'a JSON text, perhaps an error message in place of the download';
  return 'of another format';
}
