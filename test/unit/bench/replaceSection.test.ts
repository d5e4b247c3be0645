import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { replaceSection } from '../../bench/replaceSection';

const HEAD = '# Title\n\n<!-- bench 0.5b: begin (written by npm run bench) -->';
const TAIL = '<!-- bench 0.5b: end -->\n\nThe end.\n';

describe('replaceSection', () => {
  it('replaces what stands between the markers and nothing else', () => {
    const once = replaceSection(`${HEAD}\nold\n${TAIL}`, '0.5b', 'new');
    assert.equal(once, `${HEAD}\n\nnew\n\n${TAIL}`);
    assert.equal(replaceSection(once, '0.5b', 'newer'), `${HEAD}\n\nnewer\n\n${TAIL}`);
  });

  it('refuses a document without the markers, or with them the wrong way round', () => {
    assert.throws(() => replaceSection('# Title\n', '0.5b', 'new'), /no section/);
    assert.throws(() => replaceSection(`${TAIL}${HEAD}`, '0.5b', 'new'), /no section/);
    assert.throws(() => replaceSection(`${HEAD}\nold\n${TAIL}`, '1.5b', 'new'), /no section/);
  });

  it('finds the sections of both models in the document, and only these', () => {
    const document = readFileSync('docs/BENCHMARKS.md', 'utf8');
    const both = replaceSection(replaceSection(document, '0.5b', 'SMALL'), '1.5b', 'LARGE');
    assert.match(both, /bench 0\.5b: begin[^\n]*\n\nSMALL\n\n<!-- bench 0\.5b: end/);
    assert.match(both, /bench 1\.5b: begin[^\n]*\n\nLARGE\n\n<!-- bench 1\.5b: end/);
  });
});
