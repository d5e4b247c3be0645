import { systemCodeOf } from './fileLayer';

/** Whether a process of this machine is there. Signal 0 only asks; one that may not be signalled is alive all the same. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}
