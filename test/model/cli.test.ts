/** The command line with the real weights. */
import assert from 'node:assert/strict';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chatPrompt, defaultSystemOf } from '../../src/assist/chatPrompt';
import { readGguf } from '../../src/inference/gguf/readGguf';
import { DEFAULT_MODEL, modelFile } from '../../src/inference/store/catalogue';
import { modelsDir } from '../../src/inference/store/paths';
import { startModelServer } from '../e2e/harness/modelServer';
import { CONVERSATIONS, renderedChat, spelled } from '../support/chatTemplate';
import { runCli } from '../support/cliProcess';
import { testModelPath } from '../support/testModel';
import { temporaryFolder } from '../support/tinyModel';

describe('the command line with the real model', function () {
  this.timeout(300_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => void (folder = await temporaryFolder()));
  after(() => folder.remove());
  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder.path, name), content);
    return join(folder.path, name);
  };
  const model = ['--model', testModelPath(), '--variant', 'exact'];

  it('builds its chat prompts as the model’s own template does', async () => {
    const template = (await readGguf(testModelPath())).metadata.string('tokenizer.chat_template');
    for (const messages of CONVERSATIONS) {
      assert.equal(spelled(chatPrompt(messages)), renderedChat(template, messages));
    }
    const system = defaultSystemOf(template);
    assert.ok(system !== undefined);
    const question = { role: 'user', content: 'What is 2 + 2?' } as const;
    const ours = spelled(chatPrompt([{ role: 'system', content: system }, question]));
    assert.equal(ours, renderedChat(template, [question]));
  });

  it('completes a function', async () => {
    const place = await file(
      'circle.py',
      'import math\n\n\ndef area(radius):\n    return math.pi * radius ** 2\n\n\ndef circumference(radius):\n    \n',
    );
    const { code, stdout, stderr } = await runCli(['complete', `${place}:9:5`, ...model]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, 'return 2 * math.pi * radius\n');
  });

  it('answers in a chat, and ends at Ctrl+C with what it has written', async () => {
    const whole = await runCli([
      'generate',
      'Say the word "yes" and nothing else.',
      ...model,
      '--max-tokens',
      '20',
    ]);
    assert.equal(whole.code, 0, whole.stderr);
    assert.match(whole.stdout, /^"?yes/i);

    const words = [
      'generate',
      'List the numbers from 1 to 1000, one per line.',
      ...model,
      '--max-tokens',
      '1500',
    ];
    const cut = await runCli(words, {
      during: (child) =>
        new Promise((done) => child.stdout.once('data', () => done(void child.kill('SIGINT')))),
    });
    assert.deepEqual([cut.code, cut.signal], [130, null], cut.stderr);
    assert.ok(cut.stdout.length > 0 && cut.stdout.endsWith('\n'));
  });

  it('ends when nobody reads its answer any more', async () => {
    const words = [
      'generate',
      'List the numbers from 1 to 1000, one per line.',
      ...model,
      '--max-tokens',
      '1500',
    ];
    const { code, signal, stderr } = await runCli(words, {
      during: (child) =>
        new Promise((done) => child.stdout.once('data', () => done(void child.stdout.destroy()))),
    });
    assert.deepEqual([code, signal], [141, null], stderr);
  });

  it('fills holes that then pass their tests', async () => {
    const hole = (
      id: string,
      prompt: string,
      suffix: string,
      canonical_solution: string,
      entry_point: string,
      test: string,
    ) => ({
      task_id: id,
      prompt,
      suffix,
      canonical_solution,
      entry_point,
      test: `def check(candidate):\n    ${test}\n`,
    });
    const tasks = [
      hole(
        'A',
        'def add(a, b):\n    """The sum of a and b."""\n',
        '',
        '    return a + b\n',
        'add',
        'assert candidate(2, 3) == 5',
      ),
      hole(
        'B',
        'def total(values):\n    result = 0\n    for value in values:\n',
        '    return result\n',
        '        result += value\n',
        'total',
        'assert candidate([1, 2, 3]) == 6',
      ),
    ];
    const input = await file('tasks.jsonl', tasks.map((task) => `${JSON.stringify(task)}\n`).join(''));
    for (const how of [[], ['--raw', '--first-line']]) {
      const samples = join(folder.path, `samples${how.length}.jsonl`);
      const filled = await runCli(['infill', '--in', input, '--out', samples, ...how, ...model]);
      assert.equal(filled.code, 0, filled.stderr);
      const scored = await runCli(['score', '--in', input, '--samples', samples, '--fail-under', '100']);
      assert.equal(scored.code, 0, `${scored.stdout}${await readFile(samples, 'utf8')}`);
    }
  });

  it('fetches the published weights, runs them by their name, finds a changed byte, and deletes them', async () => {
    const env = { QWEN_CODER_HOME: join(folder.path, 'home'), http_proxy: '', HTTP_PROXY: '' };
    const hub = await startModelServer(testModelPath());
    try {
      const fetched = await runCli(['models', 'fetch', '0.5b', '--endpoint', hub.endpoint], { env });
      assert.equal(fetched.code, 0, fetched.stderr);
      const path = modelFile(modelsDir(env.QWEN_CODER_HOME), DEFAULT_MODEL);
      assert.equal(fetched.stdout, `${path}\n`);
      const asked = hub.asked.length;
      const again = await runCli(['models', 'fetch', '0.5b', '--endpoint', hub.endpoint], { env });
      assert.deepEqual([again.code, hub.asked.length], [0, asked]);
      const good = await runCli(['models', 'check'], { env });
      assert.deepEqual(
        [good.code, good.stdout],
        [0, `${DEFAULT_MODEL.id} good ${DEFAULT_MODEL.sha256 ?? ''}\n`],
      );
      const answer = await runCli(['generate', 'Hi', '--max-tokens', '2', '--variant', 'exact'], { env });
      assert.equal(answer.code, 0, answer.stderr);

      const handle = await open(path, 'r+');
      await handle.write(Buffer.from([1, 2, 3]), 0, 3, 300_000_000);
      await handle.close();
      assert.equal((await runCli(['models', 'check'], { env })).code, 1);
      assert.equal((await runCli(['generate', 'Hi'], { env })).code, 4);
      const deleted = await runCli(['models', 'delete', '0.5b'], { env });
      assert.match(deleted.stdout, /deleted, 1\.\d GB freed\n$/);
      assert.equal((await runCli(['generate', 'Hi'], { env })).code, 3);
    } finally {
      await hub.close();
    }
  });
});
