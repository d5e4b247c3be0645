import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { replaceSection } from '../../bench/replaceSection';

const HEAD = '# Title\n\n<!-- bench:begin (written by npm run bench) -->';
const TAIL = '<!-- bench:end -->\n\nThe end.\n';

describe('replaceSection', () => {
  it('replaces what stands between the markers and nothing else', () => {
    const once = replaceSection(`${HEAD}\nold\n${TAIL}`, 'new');
    assert.equal(once, `${HEAD}\n\nnew\n\n${TAIL}`);
    assert.equal(replaceSection(once, 'newer'), `${HEAD}\n\nnewer\n\n${TAIL}`);
  });

  it('refuses a document without the markers, or with them the wrong way round', () => {
    assert.throws(() => replaceSection('# Title\n', 'new'), /no section/);
    assert.throws(() => replaceSection(`${TAIL}${HEAD}`, 'new'), /no section/);
  });

  it('finds its section in the document', () => {
    const document = readFileSync('docs/BENCHMARKS.md', 'utf8');
    assert.match(replaceSection(document, 'NEW TABLES'), /bench:begin[^\n]*\n\nNEW TABLES\n\n<!-- bench:end/);
  });
});
