import { join } from 'node:path';
import { cacheRoot } from './cacheRoot.mjs';

/** VS Code 1.139.1 as a server; its native modules are built for Node 24, which therefore comes as a package too. */
export const EDITOR_HOST_VERSIONS = Object.freeze({ 'code-server': '4.139.1', node: '24.21.0' });

/**
 * Where the editor host lies for this platform; nothing is said about whether it is installed.
 * @param {NodeJS.ProcessEnv} [env]
 */
export function editorHost(env = process.env) {
  const platform = `${process.platform}-${process.arch}`;
  const { 'code-server': server, node } = EDITOR_HOST_VERSIONS;
  const folder = join(cacheRoot(env), 'tools', `editor-host-${server}-node${node}-${platform}`);
  const paths = editorHostPaths(folder);
  return { folder, ...paths, versions: { ...EDITOR_HOST_VERSIONS, platform } };
}

/**
 * @param {string} folder
 * @returns {{ runtime: string, nodeProgram: string, server: string, entry: string, vscode: string }}
 */
export function editorHostPaths(folder) {
  const runtime = join(folder, 'runtime', 'node_modules', `node-${process.platform}-${process.arch}`);
  const server = join(folder, 'server');
  const codeServer = join(server, 'node_modules', 'code-server');
  return {
    runtime,
    nodeProgram: join(runtime, 'bin', 'node'),
    server,
    entry: join(codeServer, 'out', 'node', 'entry.js'),
    vscode: join(codeServer, 'lib', 'vscode'),
  };
}
