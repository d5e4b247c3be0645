import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** Instruction sets that matter for integer matmuls, as far as the system tells. */
  readonly instructions: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
}

/** The machine in words. */
export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    instructions: instructionSets(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}, kernel ${release()}`,
    node: process.version,
  };
}

/** Load averages over 1, 5 and 15 minutes; all 0 on Windows. */
export const loadAverages = (): string =>
  loadavg()
    .map((load) => load.toFixed(2))
    .join(' ');

function instructionSets(): string {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(read('/proc/cpuinfo'))?.[1]?.trim().split(/\s+/) ?? []);
  if (flags.size === 0) return 'instruction sets unknown';
  const yesNo = (flag: boolean): string => (flag ? 'yes' : 'no');
  return [
    `AVX2 ${yesNo(flags.has('avx2'))}`,
    `AVX-512 ${yesNo(flags.has('avx512f'))}`,
    `VNNI ${yesNo(flags.has('avx512_vnni') || flags.has('avx_vnni'))}`,
    `AMX ${yesNo(flags.has('amx_int8'))}`,
  ].join(', ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
