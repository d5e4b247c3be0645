import assert from 'node:assert/strict';
import { gateReason, MAX_DOCUMENT_UNITS, reasonInWords } from '../../../src/extension/requestGate';
import { settingValues } from '../../../src/extension/settingValues';

describe('gateReason', () => {
  const settings = settingValues(() => undefined);
  const python = { scheme: 'file', languageId: 'python', length: 10 };

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

  it('serves documents up to the limit', () => {
    assert.equal(gateReason(settings, { ...python, length: MAX_DOCUMENT_UNITS }), undefined);
    assert.equal(gateReason(settings, { ...python, length: MAX_DOCUMENT_UNITS + 1 }), 'document-too-large');
  });
});

describe('reasonInWords', () => {
  it('names the language that is switched off', () => {
    assert.equal(reasonInWords('language-off', 'markdown'), 'suggestions are switched off for markdown');
  });
  it('has nothing to say where nobody waits any more', () => {
    assert.equal(reasonInWords('cancelled', 'python'), undefined);
    assert.equal(reasonInWords('superseded', 'python'), undefined);
  });
});
