/** A process of its own for whatever is measured, so that its memory is its own. Argument: ChildStart as JSON. */
import type { ChildAnswer, ChildRequest, ChildStart } from './childRoles';
import { ownMemory } from './processMemory';

type Methods = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

/** Imported on demand: a process loads the libraries of its own role only. */
async function createRole({ role, options }: ChildStart): Promise<object> {
  switch (role) {
    case 'ours':
      return new (await import('./ourEngine')).OurEngine(options);
    case 'prebuilt':
      return new (await import('./prebuiltLlamaEngine')).PrebuiltLlamaEngine(options);
    case 'native':
      return new (await import('./nativeLlamaEngine')).NativeLlamaEngine(options);
    case 'chunks':
      return new (await import('./chunkBench')).ChunkBench(options);
    case 'drafts':
      return new (await import('./drafts/draftBench')).DraftBench(options);
    case 'floors':
      return new (await import('./floors/floorBench')).FloorBench(options);
    case 'host':
      return new (await import('./hostBench')).HostBench(options);
    case 'operators':
      return new (await import('./operators/operatorBench')).OperatorBench(options);
  }
}

async function serve(): Promise<void> {
  const role = (await createRole(JSON.parse(process.argv[2] ?? '') as ChildStart)) as Methods;
  const answer = (message: ChildAnswer): void => void process.send?.(message);
  process.on('message', ({ method, args }: ChildRequest) => {
    const work = role[method]?.(...args) ?? (method === 'memory' ? ownMemory() : undefined);
    void (work ?? Promise.reject(new Error(`no method ${method}`))).then(
      (value: unknown) => answer({ value }),
      (error: unknown) => answer({ error: error instanceof Error ? String(error.stack) : String(error) }),
    );
  });
  // The parent ends a process by closing the channel, after everything has been released.
  process.once('disconnect', () => process.exit(0));
  // A signal alone would end it without its exit handlers, which end a server that it started.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
}

void serve();
