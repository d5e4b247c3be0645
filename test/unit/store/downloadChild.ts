/**
 * A process that downloads and says `receiving` when bytes have come; it is killed at the n-th call to the file system,
 * where N is given. usage: downloadChild URL TARGET BYTES SHA256 [N]
 */
import { downloadFile } from '../../../src/inference/store/download';
import { faultyFiles } from '../../support/faultyFiles';

const [, , url, target, bytes, sha256, at] = process.argv;
if (url === undefined || target === undefined || sha256 === undefined) throw new Error('too few arguments');
const { files } = faultyFiles(at === undefined ? undefined : { at: Number(at), what: 'kill' });
void downloadFile(
  { url, target, bytes: Number(bytes), sha256 },
  { files, onProgress: () => console.log('receiving') },
);
