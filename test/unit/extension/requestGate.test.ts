import assert from 'node:assert/strict';
import {
  asksForScope,
  automaticGateReason,
  gateReason,
  reasonInWords,
} from '../../../src/extension/requestGate';
import { EngineError } from '../../../src/inference/errors';
import { settingValues } from '../../../src/extension/settingValues';

describe('gateReason', () => {
  const settings = settingValues(() => undefined);
  const python = { scheme: 'file', languageId: 'python', length: 10, readOnly: false };

  for (const scheme of ['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs', 'memfs']) {
    it(`serves ${scheme}`, () => assert.equal(gateReason(settings, { ...python, scheme }), undefined));
  }

  for (const scheme of ['output', 'vscode-scm', 'comment', 'git']) {
    it(`does not serve ${scheme}`, () => {
      assert.equal(gateReason(settings, { ...python, scheme }), 'not-a-code-document');
    });
  }

  it('knows prose, the general switch and single languages', () => {
    assert.equal(gateReason(settings, { ...python, languageId: 'markdown' }), 'language-off');
    assert.equal(gateReason({ ...settings, enable: false }, python), 'paused');
    assert.equal(gateReason({ ...settings, languages: { python: false } }, python), 'language-off');
    assert.equal(gateReason({ ...settings, languages: { '*': false, python: true } }, python), undefined);
  });

  it('leaves alone what a .qwenignore names', () => {
    assert.equal(gateReason(settings, { ...python, ignored: true }), 'ignored-by-qwenignore');
  });

  it('serves documents up to the limit of the settings', () => {
    const limit = settings.maxDocumentCharacters;
    assert.equal(gateReason(settings, { ...python, length: limit }), undefined);
    assert.equal(gateReason(settings, { ...python, length: limit + 1 }), 'document-too-large');
    const more = { ...settings, maxDocumentCharacters: limit + 1 };
    assert.equal(gateReason(more, { ...python, length: limit + 1 }), undefined);
  });
});

describe('automaticGateReason', () => {
  const settings = settingValues(() => undefined);
  const quiet = { ...settings, suggestInComments: false, suggestInStrings: false };

  it('is silent with several cursors, and where nothing can be put in', () => {
    assert.equal(automaticGateReason(settings, { cursors: 1 }), undefined);
    assert.equal(automaticGateReason(settings, { cursors: 2 }), 'several-cursors');
    const readOnly = { scheme: 'file', languageId: 'python', length: 10, readOnly: true };
    assert.equal(gateReason(settings, readOnly), 'read-only');
  });

  it('is silent inside a word, and not at either end of one', () => {
    const at = (before: string, behind: string) =>
      automaticGateReason(settings, { cursors: 1, line: { before, behind } });
    assert.equal(at('  pri', 'nt(x)'), 'in-word');
    assert.equal(at('größ', 'e'), 'in-word');
    assert.equal(at('a_', '1'), 'in-word');
    assert.equal(at('  print', '(x)'), undefined);
    assert.equal(at('f(', 'x)'), undefined);
    assert.equal(at('  ', 'print(x)'), undefined);
    assert.equal(at('x = ', ''), undefined);
  });

  it('is silent in comments and strings where a setting says so', () => {
    assert.equal(automaticGateReason(settings, { cursors: 1, scope: 'comment' }), undefined);
    assert.equal(automaticGateReason(settings, { cursors: 1, scope: 'string' }), undefined);
    assert.equal(automaticGateReason(quiet, { cursors: 1, scope: 'comment' }), 'in-comment');
    assert.equal(automaticGateReason(quiet, { cursors: 1, scope: 'string' }), 'in-string');
    assert.equal(automaticGateReason(quiet, { cursors: 1, scope: 'code' }), undefined);
    assert.equal(automaticGateReason(quiet, { cursors: 1 }), undefined);
    assert.equal(asksForScope(settings), false);
    assert.equal(asksForScope({ ...settings, suggestInStrings: false }), true);
  });
});

describe('reasonInWords', () => {
  const words = (answer: Parameters<typeof reasonInWords>[0]) => reasonInWords(answer, 'markdown');

  it('names the language that is switched off', () => {
    assert.equal(
      words({ kind: 'none', reason: 'language-off' }),
      'suggestions are switched off for markdown',
    );
  });
  it('tells a model that is missing from an engine that is broken', () => {
    const failed = (error: EngineError) => words({ kind: 'none', reason: 'engine-failed', error });
    assert.equal(failed(new EngineError('model-missing', 'None.')), 'the model is needed first');
    assert.equal(failed(new EngineError('native-failure', 'No.')), 'the engine failed');
  });
  it('has nothing to say where nobody waits any more', () => {
    assert.equal(words({ kind: 'none', reason: 'cancelled' }), undefined);
    assert.equal(words({ kind: 'none', reason: 'superseded' }), undefined);
  });
});
