import assert from 'node:assert/strict';
import type { PlacedChunk } from '../../../src/completion/context/contextKeeper';
import { contextRow, contextTitle, emptyReason } from '../../../src/extension/context/contextRows';
import { settingValues } from '../../../src/extension/settingValues';

const placed: PlacedChunk = {
  chunk: {
    source: 'imports',
    uri: 'file:///shop/src/mail.py',
    path: 'src/mail.py',
    text: '\n  def send_mail(to, subject):\n    ...',
    startLine: 7,
    name: 'send_mail',
  },
  key: 'k',
  tokens: 18,
  score: 1,
  pinned: false,
};

describe('Show Context', () => {
  it('says of each chunk where it is from, where it stands and what it costs', () => {
    assert.deepEqual(contextRow(placed), {
      label: '$(references) mail.py:7 send_mail',
      description: 'imported, 18 tokens · src/mail.py',
      detail: 'def send_mail(to, subject): (3 lines)',
    });
    const pinned = contextRow({ ...placed, pinned: true });
    assert.match(pinned.label, /^\$\(pinned\)/);
    assert.match(pinned.description, /pinned/);
  });

  it('has the sum in its title', () => {
    assert.equal(
      contextTitle('src/main.py', [placed, placed], 1000),
      'Context of main.py: 36 of 1000 tokens',
    );
  });

  it('says why there is nothing', () => {
    const settings = settingValues(() => undefined);
    const here = { silenced: false, inWorkspace: true };
    const withPath = { ...settings.contextSources, path: true };
    const withImports = { ...settings.contextSources, imports: true };
    assert.match(emptyReason({ ...settings, enable: false }, here), /off/);
    assert.match(emptyReason(settings, { ...here, silenced: true }), /\.qwenignore/);
    assert.match(emptyReason(settings, { ...here, inWorkspace: false }), /no folder/);
    assert.match(emptyReason({ ...settings, maxContextTokens: 0 }, here), /maxContextTokens/);
    assert.match(emptyReason({ ...settings, contextSources: withPath }, here), /All sources/);
    assert.match(emptyReason({ ...settings, contextSources: withImports }, here), /only this file/);
  });
});
