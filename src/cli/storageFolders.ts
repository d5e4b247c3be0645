import { convertedDir, modelsDir, processStorageEnvironment, storageRoot } from '../inference/store/paths';

export interface StorageFolders {
  readonly modelsDir: string;
  readonly convertedDir: string;
}

/** Where the editor keeps its large files too. @throws EngineError `invalid-request` for a relative QWEN_CODER_HOME */
export function storageFolders(): StorageFolders {
  const root = storageRoot(processStorageEnvironment());
  return { modelsDir: modelsDir(root), convertedDir: convertedDir(root) };
}
