/** Types of `editorServer.mjs` for the tests. */

export interface EditorServerOptions {
  /** Path of a VSIX, or several, to install before the start. */
  readonly vsix?: string | readonly string[];
  /** User settings on top of the quiet defaults; ignored where a persistent profile already has some. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment of the server and so of the extension host, on top of this process's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ask whether a workspace is to be trusted, as on a person's machine. Default: every workspace is trusted. */
  readonly workspaceTrust?: boolean;
  /** Default: any free one. */
  readonly port?: number;
  /** Persistent folders instead of fresh ones. */
  readonly userDataDir?: string;
  readonly extensionsDir?: string;
  /** The workbench's test driver, which suites in the extension host need. Default: true. */
  readonly driver?: boolean;
}

export interface EditorServer {
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly authority: string;
  readonly baseUrl: string;
  readonly dataFolder: string;
  readonly extensionsFolder: string;
  /** What the server wrote so far. */
  readLog(): string;
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number>;
  /** Ends the server with all its processes, waits for that, and removes its temporary folders. */
  stop(): Promise<void>;
}

export function startEditorServer(options?: EditorServerOptions): Promise<EditorServer>;
export function editorUrl(
  server: EditorServer,
  folder: string,
  payload?: ReadonlyArray<readonly [string, string]>,
): string;
export function remoteUri(server: EditorServer, path: string): string;
