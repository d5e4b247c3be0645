/** A process that downloads and says `receiving` when bytes have come. usage: downloadChild URL TARGET BYTES SHA256 */
import { downloadFile } from '../../../src/inference/store/download';

const [, , url, target, bytes, sha256] = process.argv;
if (url === undefined || target === undefined || sha256 === undefined) throw new Error('too few arguments');
void downloadFile(
  { url, target, bytes: Number(bytes), sha256 },
  { onProgress: () => console.log('receiving') },
);
