import { spawn } from 'node:child_process';
import { findProgram } from './command.mjs';

/**
 * Opens an address in the person's own browser, where there is a display to show it on.
 * @param {string} url
 * @returns {boolean} whether a browser was asked; it may still fail on its own
 */
export function openInBrowser(url) {
  const words = openCommand(url);
  if (words === undefined) return false;
  const [command, ...args] = words;
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  // A desktop without a default browser is no reason to end the server; the address was printed.
  child.once('error', () => undefined);
  child.unref();
  return true;
}

function openCommand(url) {
  if (process.platform === 'darwin') return ['open', url];
  // `start` is a word of the shell; its first quoted argument is a window title.
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '""', url.replaceAll('&', '^&')];
  const display = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const opener = findProgram(['xdg-open']);
  return display && opener ? [opener, url] : undefined;
}
