import assert from 'node:assert/strict';
import { IgnoreRules } from '../../../src/extension/ignoreRules';

describe('IgnoreRules', () => {
  const rules = new IgnoreRules();
  rules.add('', 'build/\n*.log\n!keep.log\n');
  rules.add('packages/a', '/data\n');
  for (const path of [
    'build/x.js',
    'deep/x.log',
    '.env',
    'a/.env.local',
    '.envrc',
    'key.pem',
    'tls/server.key',
    'id_rsa',
    'backup/id_ed25519.old',
    '.npmrc',
    '.netrc',
    'credentials.json',
    'config/secrets.yml',
    'secrets/prod.py',
    '.aws/config',
    'Credentials.XML',
    'node_modules/x/y.js',
    'packages/a/data/x',
  ]) {
    it(`leave ${path} alone`, () => assert.ok(rules.ignores(path)));
  }
  for (const path of [
    'src/x.js',
    'keep.log',
    '.env.example',
    'packages/b/data/x',
    'data/x',
    'src/environment.ts',
    'keys.py',
    'src/secretary.py',
  ]) {
    it(`let ${path} in`, () => assert.ok(!rules.ignores(path)));
  }

  it('can do without the common ones', () => {
    const own = new IgnoreRules([]);
    own.add('', 'private.py\n');
    assert.ok(own.ignores('a/private.py'));
    assert.ok(!own.ignores('.env'));
  });
});
