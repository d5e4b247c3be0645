import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The house's import directions (docs/ARCHITECTURE.md, invariant 1). Each room lists what it may NOT import;
 * a `!` line opens a door again.
 */
const outsideEditor = {
  name: 'vscode',
  message: 'Only src/extension/ may import the editor: the rest must run in plain Node.',
};
const room = (name, closed, message) => ({
  files: [`src/${name}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', { paths: [outsideEditor], patterns: [{ group: closed, message }] }],
  },
});
const engineInterfaceOnly = [
  '**/extension/**',
  '**/cli/**',
  '**/inference/**',
  '!**/inference/engine',
  '!**/inference/errors',
  'onnxruntime*',
];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'out/',
      '**/node_modules/',
      'test/fixtures/',
      '.vscode-test/',
      'build/',
      '.cache/',
      'scripts/demo/',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        setImmediate: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
        URL: 'readonly',
        URLSearchParams: 'readonly',
        Buffer: 'readonly',
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        document: 'readonly',
        window: 'readonly',
      },
    },
  },
  room(
    'inference',
    ['**/extension/**', '**/cli/**', '**/completion/**', '**/assist/**'],
    'The engine imports none of the other rooms.',
  ),
  room(
    'completion',
    [...engineInterfaceOnly, '**/assist/**'],
    'Completion sees only the engine’s interface.',
  ),
  room('assist', [...engineInterfaceOnly, '**/completion/**'], 'Assist sees only the engine’s interface.'),
  {
    files: ['media/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [outsideEditor],
          patterns: [
            {
              group: ['node:*', '**/extension/**', '**/cli/**', '**/completion/**', '**/inference/**'],
              message: 'The page sees only what chat says to it.',
            },
          ],
        },
      ],
    },
  },
  room('cli', ['**/extension/**'], 'The command line does not reach into the editor.'),
  {
    files: ['src/extension/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['**/cli/**', 'onnxruntime*'], message: 'The editor side never loads native code.' },
          ],
        },
      ],
    },
  },
);
