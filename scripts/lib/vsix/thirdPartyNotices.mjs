import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inCheckout } from '../checkout.mjs';
import { ProvisionError } from '../provisionError.mjs';

const LICENSE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** Packages that name the MIT licence without enclosing its text, with the notice that their sources carry. */
const COPYRIGHT_WITHOUT_FILE = {
  'onnxruntime-node': 'Copyright (c) Microsoft Corporation. All rights reserved.',
  'onnxruntime-common': 'Copyright (c) Microsoft Corporation. All rights reserved.',
};

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/**
 * The licences of everything in a VSIX that is not ours.
 * @param {readonly string[]} inputs the bundlers' input paths, relative to the checkout
 * @param {readonly string[]} copied names of packages that are enclosed as they are
 * @returns {string}
 * @throws {ProvisionError} for a package whose licence text cannot be found
 */
export function thirdPartyNotices(inputs, copied) {
  const folders = new Set(copied.map((name) => `node_modules/${name}`));
  for (const input of inputs) {
    const folder = packageFolder(input);
    if (folder !== undefined) folders.add(folder);
  }
  const sections = [...folders].sort().map(section);
  return [
    'This extension contains the following packages of others, under their own licences.',
    ...sections,
    '',
  ].join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** `node_modules/a/node_modules/@s/b/lib/x.js` belongs to `node_modules/a/node_modules/@s/b`. */
function packageFolder(input) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input.replaceAll('\\', '/'))?.[0];
}

function section(folder) {
  const path = inCheckout(folder);
  const { name, version, license, repository } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const source = typeof repository === 'string' ? repository : (repository?.url ?? '');
  return `${name} ${version} (${license})\n${source}\n\n${licenseText(path, name, license)}`;
}

function licenseText(path, name, license) {
  const files = readdirSync(path).filter((file) => LICENSE_FILE.test(file));
  if (files.length > 0)
    return files.map((file) => readFileSync(join(path, file), 'utf8').trim()).join('\n\n');
  const copyright = COPYRIGHT_WITHOUT_FILE[name];
  if (copyright !== undefined && license === 'MIT') return `${copyright}\n\n${MIT}`;
  const hint = existsSync(join(path, 'README.md')) ? ' See its README.' : '';
  throw new ProvisionError(
    `The bundled package ${name} encloses no licence text.${hint}`,
    'Add its copyright notice to scripts/lib/vsix/thirdPartyNotices.mjs.',
  );
}
