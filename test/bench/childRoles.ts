import type { BenchEngine, BenchEngineOptions } from './benchEngine';
import type { ChunkBench } from './chunkBench';
import type { DraftBench } from './drafts/draftBench';
import type { FloorBench } from './floors/floorBench';
import type { HostBench } from './hostBench';
import type { OperatorBench } from './operators/operatorBench';

/** What a child process can be, and what it then can be asked for. */
export interface ChildRoles {
  readonly ours: BenchEngine;
  readonly prebuilt: BenchEngine;
  readonly native: BenchEngine;
  readonly chunks: ChunkBench;
  readonly drafts: DraftBench;
  readonly floors: FloorBench;
  readonly host: HostBench;
  readonly operators: OperatorBench;
}

export type ChildRole = keyof ChildRoles;

export interface ChildStart {
  readonly role: ChildRole;
  readonly options: BenchEngineOptions;
}

export interface ChildRequest {
  readonly method: string;
  readonly args: readonly unknown[];
}

export type ChildAnswer = { readonly value: unknown } | { readonly error: string };
