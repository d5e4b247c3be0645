import type { BenchEngine, BenchEngineOptions } from './benchEngine';
import type { ChunkBench } from './chunkBench';
import type { HostBench } from './hostBench';

/** What a child process can be, and what it then can be asked for. */
export interface ChildRoles {
  readonly ours: BenchEngine;
  readonly 'llama.cpp': BenchEngine;
  readonly chunks: ChunkBench;
  readonly host: HostBench;
}

export type ChildRole = keyof ChildRoles;

export interface ChildStart {
  readonly role: ChildRole;
  readonly options: BenchEngineOptions;
}

/** Memory of a process in bytes. */
export interface MemoryReading {
  /** Resident now. */
  readonly resident: number;
  /** The most that was ever resident. */
  readonly peak: number;
  /** The part of `resident` that is no file mapped into memory; only where the system tells. */
  readonly anonymous?: number;
}

export interface ChildRequest {
  readonly method: string;
  readonly args: readonly unknown[];
}

export type ChildAnswer = { readonly value: unknown } | { readonly error: string };
