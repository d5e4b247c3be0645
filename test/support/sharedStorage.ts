import { convertedDir, processStorageEnvironment, storageRoot } from '../../src/inference/store/paths';

/** The folder of converted graphs that all tests and benchmarks on this machine share, since converting takes long. */
export const sharedConvertedDir = (): string => convertedDir(storageRoot(processStorageEnvironment()));
