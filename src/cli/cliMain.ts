#!/usr/bin/env node
/** Entry of the command line. The process ends by itself when nothing is left to do, never inside a native run. */
import { runCli } from './runCli';

void runCli(process.argv.slice(2), __dirname).then((code) => {
  process.exitCode = code;
});
