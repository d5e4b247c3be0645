/** Generates and runs tests for some functions; prints how many ran. `node out/test/bench/testgenMain.js MODEL.gguf` */
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { detectFramework, type ProjectFacts } from '../../src/assist/testgen/framework';
import { generateTests, testFileText } from '../../src/assist/testgen/generate';
import { subjectOf } from '../../src/assist/testgen/subject';
import { testTarget } from '../../src/assist/testgen/target';
import { verifyTests } from '../../src/assist/testgen/verify';
import { runTests } from '../../src/extension/testgen/runTests';
import { realEngine } from '../support/realEngine';
import { testSyntax } from '../support/syntax';
import { SAMPLES } from '../support/testgenSamples';

async function main(): Promise<void> {
  const engine = realEngine(process.argv[2] ?? '');
  // A process that dies with the engine in it counts as a crash for all windows of this machine.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void engine.dispose());
  const syntax = testSyntax();
  const total = { generated: 0, sieved: 0, passed: 0, failed: 0, notRunning: 0, repaired: 0 };
  for (const { languageId, path, text, symbol, manifests = {} } of SAMPLES) {
    const started = performance.now();
    const root = await mkdtemp(join(tmpdir(), 'measure-'));
    for (const [name, content] of Object.entries({ ...manifests, [path]: text })) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), content);
    }
    const facts: ProjectFacts = {
      manifests: new Map(Object.entries(manifests)),
      tests: [],
      files: new Set([path, ...Object.keys(manifests)]),
    };
    const framework = detectFramework(languageId, path, facts);
    const target = testTarget({ languageId, path, text }, framework, facts);
    const all = (await syntax.symbols(text, languageId)) ?? [];
    const found = all.find(({ name }) => name === symbol);
    if (found === undefined) throw new Error(symbol);
    const subject = subjectOf(found, all, text, languageId, framework, target);
    const context = { engine, syntax, existing: '' };
    const generated = await generateTests(context, subject);
    const ms = performance.now() - started;
    const verified = await verifyTests(context, subject, generated.parts, (fileText) =>
      runTests(
        { framework: framework.id, root, path: target.path, text: fileText },
        new AbortController().signal,
      ),
    );
    const count = (status: string): number =>
      verified.results.filter((each) => each.status === status).length;
    total.generated += generated.parts.tests.length + generated.dropped.length;
    total.sieved += generated.dropped.length;
    total.passed += count('passed');
    total.failed += count('failed');
    total.notRunning += verified.dropped.length;
    total.repaired += verified.repaired.length;
    console.log(
      `${framework.id.padEnd(10)} ${symbol.padEnd(16)} ${generated.parts.tests.length} kept, ${count('passed')} passed, ${count('failed')} failed, ${verified.dropped.length} do not run, ${Math.round(ms / 1000)} s${verified.notRun === undefined ? '' : ` NOT RUN: ${verified.notRun}`}`,
    );
    for (const { name, why } of [...generated.dropped, ...verified.dropped])
      console.log(`    dropped ${name}: ${why}`);
    for (const { name, message } of verified.results.filter((each) => each.status === 'failed'))
      console.log(`    failed ${name}: ${message}`);
    if (process.env['SHOW'] !== undefined) {
      console.log(generated.cases.join('\n'));
      console.log(await testFileText(verified.parts, subject, undefined, syntax));
    }
    await rm(root, { recursive: true });
  }
  console.log(total);
  await engine.dispose();
}
void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
