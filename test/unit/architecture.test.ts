/** That docs/ARCHITECTURE.md says what is so: the rooms' borders, and the tests behind the invariants. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { ESLint, Linter } from 'eslint';

describe('the rooms', function () {
  // The first one loads ESLint with its plug-ins, which takes long where much else is going on.
  this.timeout(120_000);
  const RULE = 'no-restricted-imports';
  /** Room, import, whether it is allowed there. */
  const cases: [room: string, imported: string, allowed: boolean][] = [
    ['completion', 'vscode', false],
    ['completion', 'onnxruntime-node', false],
    ['completion', '../inference/engine', true],
    ['completion', '../inference/errors', true],
    ['completion', '../inference/protocol', false],
    ['completion', '../inference/session/session', false],
    ['completion', '../../inference/worker/workerEngine', false],
    ['completion', '../extension/settings', false],
    ['completion', '../assist/prompt', false],
    ['completion', 'lru-cache', true],
    ['assist', '../inference/engine', true],
    ['assist', '../completion/window', false],
    ['assist', 'vscode', false],
    ['inference', 'vscode', false],
    ['inference', 'onnxruntime-node', true],
    ['inference', '../completion/completer', false],
    ['inference', '../../extension/log', false],
    ['inference', '../cli/cliMain', false],
    ['extension', 'vscode', true],
    ['extension', '../completion/completer', true],
    ['extension', '../inference/worker/workerEngine', true],
    ['extension', 'onnxruntime-node', false],
    ['extension', '../cli/cliMain', false],
    ['cli', '../inference/worker/workerEngine', true],
    ['cli', '../completion/completer', true],
    ['cli', '../extension/log', false],
    ['cli', 'vscode', false],
  ];
  for (const [room, imported, allowed] of cases) {
    it(`${allowed ? `${room} may import ${imported}` : `no room may import what is not its: ${room} not ${imported}`}`, async () => {
      const config = (await new ESLint().calculateConfigForFile(`src/${room}/part.ts`)) as Linter.Config;
      const found = new Linter().verify(`import * as it from '${imported}';\nit();\n`, {
        rules: { [RULE]: config.rules?.[RULE] ?? 'off' },
      });
      assert.deepEqual(
        found.map(({ ruleId }) => ruleId),
        allowed ? [] : [RULE],
      );
    });
  }
});

describe('docs/ARCHITECTURE.md', () => {
  const text = readFileSync('docs/ARCHITECTURE.md', 'utf8');
  const [, section = ''] = /\n## Invariants\n(.*?)\n## /s.exec(text) ?? [];
  const invariants = section.split(/\n(?=\d+\. )/).slice(1);
  /** A file of tests, and titles in it, which may be broken across lines. */
  const references = /`(test\/[^`]+\.test\.ts)`((?:\s*“[^”]+”)*)/g;
  const inOneLine = (words: string): string => words.replace(/\s+/g, ' ');

  it('numbers its invariants', () => {
    assert.ok(invariants.length >= 10);
    invariants.forEach((invariant, index) => assert.ok(invariant.startsWith(`${index + 1}. `), invariant));
  });

  for (const invariant of invariants) {
    const [name = ''] = inOneLine(invariant).split('**').slice(1);
    it(`has a test for: ${name}`, () => {
      const found = [...invariant.matchAll(references)];
      assert.ok(found.length > 0);
      for (const [, file = '', titles = ''] of found) {
        assert.ok(existsSync(file), `${file} is not there`);
        const source = inOneLine(readFileSync(file, 'utf8'));
        for (const [, title = ''] of titles.matchAll(/“([^”]+)”/g)) {
          assert.ok(source.includes(inOneLine(title)), `${file} has no “${inOneLine(title)}”`);
        }
      }
    });
  }
});
