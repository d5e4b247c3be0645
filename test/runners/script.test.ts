/** What runners of JavaScript and TypeScript really say, in projects as they are set up usually. */
import assert from 'node:assert/strict';
import type { FrameworkId } from '../../src/assist/testgen/framework';
import { Project } from './project';

/** One that works, one that fails inside. */
const code = (typed: boolean): string => {
  const number = typed ? ': number' : '';
  return `export function add(a${number}, b${number})${number} {\n  return a + b;\n}\n\nexport function broken(list${typed ? ': string[]' : ''})${number} {\n  return list[0].length;\n}\n`;
};

interface SetUp {
  readonly title: string;
  readonly framework: FrameworkId;
  readonly source: string;
  readonly test: string;
  readonly module: string;
  readonly files: Readonly<Record<string, string>>;
}

const MODULE = '{ "type": "module", ';
const TSCONFIG =
  '{ "compilerOptions": { "target": "ES2022", "module": "ESNext", "moduleResolution": "Bundler", "strict": true, "paths": { "@lib/*": ["./src/*"] }, "baseUrl": "." } }';

const SET_UPS: readonly SetUp[] = [
  {
    title: 'vitest with TypeScript, a configuration and an alias',
    framework: 'vitest',
    source: 'src/add.ts',
    test: 'test/add.test.ts',
    module: '@lib/add',
    files: {
      'package.json': `${MODULE}"devDependencies": { "vitest": "3" } }`,
      'tsconfig.json': TSCONFIG,
      'vitest.config.ts':
        "import { defineConfig } from 'vitest/config';\nexport default defineConfig({ resolve: { alias: { '@lib': new URL('./src', import.meta.url).pathname } }, test: { include: ['test/**/*.test.ts'] } });\n",
    },
  },
  {
    title: 'vitest in a package of a workspace',
    framework: 'vitest',
    source: 'packages/a/src/add.ts',
    test: 'packages/a/src/add.test.ts',
    module: './add',
    files: {
      'package.json': '{ "workspaces": ["packages/*"] }',
      'packages/a/package.json': `${MODULE}"devDependencies": { "vitest": "3" } }`,
      'packages/a/vitest.config.ts': "export default { test: { include: ['src/*.test.ts'] } };\n",
    },
  },
  {
    title: 'jest with ts-jest',
    framework: 'jest',
    source: 'src/add.ts',
    test: 'src/add.test.ts',
    module: './add',
    files: {
      'package.json':
        '{ "devDependencies": { "jest": "30", "ts-jest": "29" }, "jest": { "preset": "ts-jest", "testEnvironment": "node" } }',
      'tsconfig.json':
        '{ "compilerOptions": { "target": "ES2022", "module": "CommonJS", "esModuleInterop": true } }',
    },
  },
  {
    title: 'jest with Babel and a mapped name',
    framework: 'jest',
    source: 'src/add.ts',
    test: 'src/__tests__/add.test.ts',
    module: '@lib/add',
    files: {
      'package.json': '{ "devDependencies": { "jest": "30" } }',
      'jest.config.js': "module.exports = { moduleNameMapper: { '^@lib/(.*)$': '<rootDir>/src/$1' } };\n",
      'babel.config.js':
        "module.exports = { presets: [['@babel/preset-env', { targets: { node: 'current' } }], '@babel/preset-typescript'] };\n",
    },
  },
  {
    title: 'mocha with TypeScript through tsx and further files in its configuration',
    framework: 'mocha',
    source: 'src/add.ts',
    test: 'test/add.test.ts',
    module: '../src/add',
    files: {
      'package.json': `${MODULE}"devDependencies": { "mocha": "11", "tsx": "4" } }`,
      '.mocharc.json': '{ "node-option": ["import=tsx"], "spec": ["test/**/*.test.ts"] }',
      'test/other.test.ts': "it('adds', () => {\n  throw new Error('another file');\n});\n",
    },
  },
  {
    title: 'node:test with TypeScript through the loader of the test script',
    framework: 'node:test',
    source: 'add.ts',
    test: 'add.test.ts',
    module: './add.ts',
    files: { 'package.json': `${MODULE}"scripts": { "test": "node --import tsx --test" } }` },
  },
  {
    title: 'node:test with JavaScript',
    framework: 'node:test',
    source: 'add.js',
    test: 'add.test.js',
    module: './add.js',
    files: { 'package.json': `${MODULE}"scripts": { "test": "node --test" } }` },
  },
];

const HEADS: Partial<Record<FrameworkId, string>> = {
  vitest: "import { describe, expect, it } from 'vitest';",
  mocha: "import assert from 'node:assert/strict';",
  'node:test': "import { describe, it } from 'node:test';\nimport assert from 'node:assert/strict';",
};

for (const { title, framework, source, test, module, files } of SET_UPS) {
  describe(title, function () {
    this.timeout(120_000);
    let project: Project;
    before(async () => {
      project = await Project.create({ ...files, [source]: code(source.endsWith('.ts')) }, 'npm');
    });
    after(() => project.remove());

    const equal = (actual: string, expected: string): string =>
      framework === 'vitest' || framework === 'jest'
        ? `expect(${actual}).toBe(${expected});`
        : `assert.equal(${actual}, ${expected});`;
    const head = (from = module): string =>
      `${HEADS[framework] ?? ''}\nimport { add, broken } from '${from}';\n`;

    it('says what passed, failed, met an error of the code, and does not run', async () => {
      const text = `${head()}
describe('add', () => {
  it('adds', () => {
    ${equal('add(1, 2)', '3')}
  });
  it('expects something wrong', () => {
    ${equal('add(1, 2)', '4')}
  });
  it('meets a bug', () => {
    ${equal('broken([])', '0')}
  });
  it('waits for an error that does not come', () => {
    ${framework === 'vitest' || framework === 'jest' ? 'expect(() => add(1, 2)).toThrow();' : 'assert.throws(() => add(1, 2));'}
  });
  it('does not run', () => {
    ${equal('add(missing, 2)', '3')}
  });
  it.skip('is skipped', () => {
    ${equal('add(1, 2)', '3')}
  });
});
`;
      const ran = await project.run(framework, test, text);
      ran.are({
        adds: 'passed',
        'expects something wrong': 'failed',
        'meets a bug': 'failed',
        'waits for an error that does not come': 'failed',
        'does not run': 'error',
        'is skipped': 'error',
      });
      assert.match(ran.messageOf('does not run'), /missing is not defined|Cannot find name 'missing'/);
      assert.match(ran.messageOf('expects something wrong'), /3|4/);
    });

    it('says why a file is not read: a module that is not there', async () => {
      const text = `${head('./not-there.js')}\ndescribe('add', () => {\n  it('adds', () => {\n    ${equal('add(1, 2)', '3')}\n  });\n});\n`;
      (await project.run(framework, test, text)).isUnloadable(/not-there/);
    });

    it('says why a file is not read: it does not parse', async () => {
      const text = `${head()}\ndescribe('add', () => {\n  it('adds', () => {\n    ${equal('add(1, ', '3')}\n`;
      (await project.run(framework, test, text)).isUnloadable(/\w/);
    });
  });
}

for (const framework of ['vitest', 'jest', 'mocha'] as const) {
  describe(`${framework} where it is not installed`, function () {
    this.timeout(60_000);
    it('is said with the way to install it', async () => {
      const project = await Project.create({ 'package.json': '{}' });
      const ran = await project.run(framework, 'a.test.js', "it('a', () => {});\n");
      await project.remove();
      ran.isUnloadable(new RegExp(`${framework} is not installed.*npm install --save-dev ${framework}`));
    });
  });
}
