/** A process of its own for whatever is measured, so that its memory is its own. Argument: ChildStart as JSON. */
import { readFileSync } from 'node:fs';
import type { ChildAnswer, ChildRequest, ChildStart, MemoryReading } from './childRoles';

type Methods = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

/** Imported on demand: a process loads the libraries of its own role only. */
async function createRole({ role, options }: ChildStart): Promise<object> {
  switch (role) {
    case 'ours':
      return new (await import('./ourEngine')).OurEngine(options);
    case 'llama.cpp':
      return new (await import('./llamaCppEngine')).LlamaCppEngine(options);
    case 'chunks':
      return new (await import('./chunkBench')).ChunkBench(options);
    case 'host':
      return new (await import('./hostBench')).HostBench(options);
  }
}

function memory(): MemoryReading {
  const reading = { resident: process.memoryUsage.rss(), peak: process.resourceUsage().maxRSS * 1024 };
  const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(statusText())?.[1];
  return anonymous === undefined ? reading : { ...reading, anonymous: Number(anonymous) * 1024 };
}

function statusText(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}

async function serve(): Promise<void> {
  const role = (await createRole(JSON.parse(process.argv[2] ?? '') as ChildStart)) as Methods;
  const answer = (message: ChildAnswer): void => void process.send?.(message);
  process.on('message', ({ method, args }: ChildRequest) => {
    const work = method === 'memory' ? Promise.resolve(memory()) : role[method]?.(...args);
    void (work ?? Promise.reject(new Error(`no method ${method}`))).then(
      (value: unknown) => answer({ value }),
      (error: unknown) => answer({ error: error instanceof Error ? String(error.stack) : String(error) }),
    );
  });
  // The parent ends a process by closing the channel, after everything has been released.
  process.once('disconnect', () => process.exit(0));
}

void serve();
