import { existsSync } from 'node:fs';
import { inCheckout } from '../checkout.mjs';
import { ProvisionError } from '../provisionError.mjs';

/**
 * The platforms that onnxruntime-node 1.30.0 has binaries for, by the marketplace's names, with the files that the
 * CPU path needs. Left out:
 * - macOS: `libonnxruntime.1.30.0.dylib`, a copy of the file that the binding names;
 * - Windows: `DirectML.dll`, which `onnxruntime.dll` imports delayed and only the DirectML provider calls, and
 *   `dxcompiler.dll` and `dxil.dll`, which only the WebGPU provider loads.
 */
export const TARGETS = Object.freeze({
  'linux-x64': { folder: 'linux/x64', files: ['onnxruntime_binding.node', 'libonnxruntime.so.1'] },
  'linux-arm64': { folder: 'linux/arm64', files: ['onnxruntime_binding.node', 'libonnxruntime.so.1'] },
  'darwin-arm64': { folder: 'darwin/arm64', files: ['onnxruntime_binding.node', 'libonnxruntime.1.dylib'] },
  'win32-x64': { folder: 'win32/x64', files: ['onnxruntime_binding.node', 'onnxruntime.dll'] },
  'win32-arm64': { folder: 'win32/arm64', files: ['onnxruntime_binding.node', 'onnxruntime.dll'] },
});

/** Folder of the binaries below the package `onnxruntime-node`. */
export const NATIVE_FOLDER = 'bin/napi-v6';

/** @returns {string} the marketplace's name of this machine's platform */
export const hostTarget = () => `${process.platform}-${process.arch}`;

/**
 * The targets that a command line names.
 * @param {string | undefined} name a target, `all`, or nothing for this machine's
 * @returns {string[]}
 * @throws {ProvisionError} for a platform without binaries
 */
export function chooseTargets(name = hostTarget()) {
  if (name === 'all') return Object.keys(TARGETS);
  if (!Object.hasOwn(TARGETS, name)) {
    throw new ProvisionError(
      `There is no VSIX for ${name}: onnxruntime-node has no binaries for it (Intel Macs, Alpine/musl and 32-bit ARM among others).`,
      `Choose one of ${Object.keys(TARGETS).join(', ')} or all.`,
    );
  }
  return [name];
}

/**
 * Paths of a target's binaries in `node_modules`.
 * @param {string} target
 * @returns {string[]}
 * @throws {ProvisionError} when a new version of the package has moved them
 */
export function nativeFiles(target) {
  const { folder, files } = TARGETS[target];
  const paths = files.map((file) =>
    inCheckout('node_modules', 'onnxruntime-node', NATIVE_FOLDER, folder, file),
  );
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length === 0) return paths;
  throw new ProvisionError(
    `onnxruntime-node lacks ${missing.join(', ')}.`,
    'Run npm ci; after a change of its version, adapt scripts/lib/vsix/targets.mjs.',
  );
}
