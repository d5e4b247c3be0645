import assert from 'node:assert/strict';
import { instructionOf, parseQuestion, SLASH_COMMANDS } from '../../../../src/assist/chat/slashCommands';

describe('parseQuestion', () => {
  it('reads a command and what stands behind it', () => {
    const { command, rest } = parseQuestion('  /fix  it crashes\non empty input ');
    assert.equal(command?.name, 'fix');
    assert.equal(rest, 'it crashes\non empty input');
  });

  for (const question of ['/etc/passwd is what?', '/unknown x', 'what does /fix do?', '/', '/Fix it']) {
    it(`takes ${JSON.stringify(question)} for a question`, () => {
      assert.deepEqual(parseQuestion(question), { rest: question });
    });
  }

  it('reads a command without anything behind it', () => {
    assert.equal(parseQuestion('/explain').command?.name, 'explain');
  });
});

describe('the commands', () => {
  for (const name of [
    'explain',
    'fix',
    'tests',
    'docs',
    'refactor',
    'review',
    'commit',
    'translate',
    'write',
    'analyze',
  ]) {
    it(`/${name} instructs the model, and takes the person’s words along`, () => {
      const plain = instructionOf(parseQuestion(`/${name}`));
      const wished = instructionOf(parseQuestion(`/${name} marmalade`));
      assert.ok(plain.length > 20 && !plain.includes('/'));
      assert.ok(wished.includes('marmalade'));
      assert.ok(SLASH_COMMANDS.find((one) => one.name === name)?.description);
    });
  }
});
