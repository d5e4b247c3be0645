/** Finds out in a child process whether the native library works on this machine, once. */
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { arch, cpus, platform, release } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '../errors';
import { withoutTelemetry } from '../nativeTelemetry';
import { NATIVE_VERSION } from '../nativeVersion';
import { writeFileAtomically } from '../store/atomicFile';

/** Starting a process and loading 40 MB takes well under a second; a machine this slow has other troubles. */
const PROBE_TIMEOUT_MS = 60_000;

const MEMORY_FILE = 'native-probe.json';

/**
 * Runs the probe unless it has succeeded here before (same library, Node, system and processor).
 * @param probeFile the bundled probe
 * @param cacheDir where a success is remembered
 * @throws EngineError `native-unavailable` with the reason
 */
export async function probeNative(probeFile: string, cacheDir: string): Promise<void> {
  const machine = [NATIVE_VERSION, process.version, platform(), arch(), release(), cpus()[0]?.model].join(
    ' | ',
  );
  const memory = join(cacheDir, MEMORY_FILE);
  if ((await readFile(memory, 'utf8').catch(() => '')) === machine) return;
  await runProbe(probeFile);
  // A success that cannot be remembered is probed again next time.
  await mkdir(cacheDir, { recursive: true })
    .then(() => writeFileAtomically(memory, machine))
    .catch(() => undefined);
}

function runProbe(probeFile: string): Promise<void> {
  // In VS Code desktop `execPath` is Electron, which this variable turns into plain Node.
  const env = { ...withoutTelemetry(process.env), ELECTRON_RUN_AS_NODE: '1' };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [probeFile], { env, timeout: PROBE_TIMEOUT_MS }, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      const reason = stderr.trim().split('\n').at(-1) ?? error.message;
      const how = error.signal ? `it was ended by ${error.signal}` : `exit code ${String(error.code)}`;
      reject(
        new EngineError(
          'native-unavailable',
          `The inference library does not work on this machine (${how}): ${reason || error.message}`,
          { platform: platform(), arch: arch() },
          { cause: error },
        ),
      );
    });
  });
}
