/** Broken models and caches in the real extension host: a typed error each, and a way back. */
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as vscode from 'vscode';
import type { QwenCoderTestApi } from '../../src/extension/extension';
import { activate, engineState, OpenDocument, set, trigger } from './support';

const TINY = resolve('test/fixtures/tiny/tiny-tied.gguf');

describe('a model of the person’s own that does not work', () => {
  let api: QwenCoderTestApi;
  let folder: string;
  let file: OpenDocument;

  before(async () => {
    api = await activate();
    folder = await mkdtemp(join(tmpdir(), 'qwen-coder-faults-'));
    file = await OpenDocument.open('faults.py', 'def add(a, b):\n    return ');
  });
  after(async () => {
    await set('modelPath', undefined);
    await file.close();
    await rm(folder, { recursive: true, force: true });
  });

  const cases: [string, string, (path: string) => Promise<void>][] = [
    ['truncated', 'model-corrupt', async (path) => copyFile(TINY, path).then(() => truncate(path, 200_000))],
    ['no GGUF at all', 'model-corrupt', (path) => writeFile(path, '<html>not found</html>')],
    [
      'of another architecture',
      'model-unsupported',
      async (path) => {
        const bytes = await readFile(TINY);
        const at = bytes.indexOf('qwen2');
        bytes.write('llama', at);
        await writeFile(path, bytes);
      },
    ],
  ];
  it('missing: model-missing without being asked for, and a good file in its place works', async () => {
    const path = join(folder, 'missing.gguf');
    await set('modelPath', path);
    const status = await engineState(api, ['failed']);
    assert.equal(status.state === 'failed' && status.error.code, 'model-missing');
    // The trigger key would now ask the person what to do and wait for the answer.
    await recoverWith(path);
  });

  for (const [what, code, prepare] of cases) {
    it(`${what}: ${code}, and a good file in its place works`, async () => {
      const path = join(folder, `${what.replaceAll(' ', '-')}.gguf`);
      await prepare(path);
      await set('modelPath', path);
      const failed = await trigger(api);
      assert.ok(failed.kind === 'none' && failed.reason === 'engine-failed', JSON.stringify(failed));
      assert.equal(failed.error.code, code);
      const status = api.engineStatus();
      assert.equal(status.state === 'failed' && status.error.code, code);

      await recoverWith(path);
    });
  }

  async function recoverWith(path: string): Promise<void> {
    await copyFile(TINY, path);
    await vscode.commands.executeCommand('qwenCoder.restartEngine');
    const recovered = await engineState(api, ['ready']);
    assert.match(recovered.state === 'ready' ? recovered.model.name : '', /tiny-tied/);
    const outcome = await trigger(api);
    assert.notEqual(outcome.kind === 'none' && outcome.reason, 'engine-failed', JSON.stringify(outcome));
  }

  it('with a damaged converted file: it is converted again', async () => {
    await set('modelPath', TINY);
    await trigger(api);
    await engineState(api, ['ready']);
    const converted = join(process.env['QWEN_CODER_HOME'] as string, 'converted');
    // The tiny model's folder is the only one whose data is this small.
    for (const name of await readdir(converted)) {
      const data = join(converted, name, 'model.onnx.data');
      const size = await stat(data).then(
        (found) => found.size,
        () => Infinity,
      );
      if (size < 8_000_000) await truncate(data, Math.floor(size / 2));
    }
    await vscode.commands.executeCommand('qwenCoder.restartEngine');
    await trigger(api);
    const status = await engineState(api, ['ready']);
    assert.ok(status.state === 'ready' && status.model.convertMs > 0, JSON.stringify(status));
  });

  it('and then the downloaded model works as before', async () => {
    await set('modelPath', undefined);
    await file.replaceAll('def add(a, b):\n    return ');
    const outcome = await trigger(api);
    assert.ok(outcome.kind === 'suggestion' && outcome.text.startsWith('a + b'), JSON.stringify(outcome));
  });
});
