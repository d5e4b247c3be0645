/** Draws charts by Vega-Lite, which only the benchmarks install: its types are not there when the project is checked. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ChartSpec } from './charts';

interface VegaModule {
  readonly parse: (spec: unknown) => unknown;
  View: new (
    runtime: unknown,
    options: { renderer: 'none' },
  ) => { toSVG(): Promise<string>; finalize(): void };
}
interface VegaLiteModule {
  readonly compile: (spec: ChartSpec) => { readonly spec: unknown };
}

const PACKAGES = resolve('test/bench/node_modules');

async function library(name: string, entry: string): Promise<unknown> {
  return import(pathToFileURL(`${PACKAGES}/${name}/${entry}`).href);
}

/** @returns the SVG document @throws Error for a specification that is none */
export async function drawChart(spec: ChartSpec): Promise<string> {
  const vega = (await library('vega', 'build/vega.module.js')) as VegaModule;
  const { compile } = (await library('vega-lite', 'build/index.js')) as VegaLiteModule;
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
