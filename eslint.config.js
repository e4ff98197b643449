import { builtinRules } from 'eslint/use-at-your-own-risk';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const CHILD_PROCESS = {
  name: 'child_process',
  message:
    'Only the shell (to start the engine), main/collect (apt-config), main/bundle (gpgv, clamscan, rpmkeys, xz, bzip2) and tests start programs of this machine.',
};
const NO_CHILD_PROCESS = [CHILD_PROCESS, { ...CHILD_PROCESS, name: 'node:child_process' }];

const RAW_IPC = {
  name: 'electron',
  importNames: ['ipcMain'],
  message: 'Only main/desktop/ipc.ts touches ipcMain: it checks who is asking.',
};
const NO_IPC_MEMBER = {
  selector: "MemberExpression[property.name='ipcMain']",
  message: 'Only main/desktop/ipc.ts touches ipcMain: it checks who is asking.',
};
const NO_EXEC_COMMAND = {
  selector: "MemberExpression[property.name='execCommand']",
  message: 'execCommand passes a raw string to a remote shell; only main/remote may, after quoting.',
};
const NO_CLOCK = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'main/core has no clock: the time comes in as a parameter.',
  },
  { selector: "CallExpression[callee.name='Date']", message: 'main/core has no clock.' },
  { selector: 'AwaitExpression', message: 'main/core never awaits: gather, then compute.' },
  { selector: ':function[async=true]', message: 'main/core never awaits: gather, then compute.' },
];

const restrictImports = (...paths) => ({ 'no-restricted-imports': ['error', { paths }] });
const restrictSyntax = (...selectors) => ({ 'no-restricted-syntax': ['error', ...selectors] });

export default defineConfig(
  { ignores: ['out/**', 'dist/**', '.cache/**', 'node_modules/**', 'test-results/**', 'test/fixtures/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  // What holds everywhere.
  {
    files: ['**/*.{ts,tsx,js,mjs,cjs}'],
    plugins: { size: { rules: { 'max-lines': builtinRules.get('max-lines') } } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'prefer-const': 'error',
      'max-lines': ['error', 500],
      'size/max-lines': ['warn', 300],
      ...restrictImports(...NO_CHILD_PROCESS, RAW_IPC),
      ...restrictSyntax(NO_EXEC_COMMAND, NO_IPC_MEMBER),
    },
  },

  // Types decide: the bugs we would actually make.
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // A port's method returns a promise in every adapter, also in one that has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },

  // main/core: no clock, no randomness, no waiting, nothing of the world.
  {
    files: ['main/core/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'Date',
          property: 'now',
          message: 'main/core has no clock: the time comes in as a parameter.',
        },
        {
          object: 'Math',
          property: 'random',
          message: 'main/core has no randomness: it comes in as a parameter.',
        },
      ],
      'no-restricted-globals': [
        'error',
        ...[
          'performance',
          'crypto',
          'process',
          'console',
          'fetch',
          'setTimeout',
          'setInterval',
          'queueMicrotask',
        ].map((name) => ({ name, message: 'main/core is pure: what it needs comes in as a parameter.' })),
      ],
      ...restrictSyntax(...NO_CLOCK, NO_EXEC_COMMAND, NO_IPC_MEMBER),
    },
  },

  // The named exceptions, one reason each.
  { files: ['main/remote/**/*.ts'], rules: restrictSyntax(NO_IPC_MEMBER) },
  {
    files: ['main/desktop/ipc.ts'],
    rules: { ...restrictImports(...NO_CHILD_PROCESS), ...restrictSyntax(NO_EXEC_COMMAND) },
  },
  {
    files: [
      'main/desktop/engine-fork.ts',
      'main/collect/**/*.ts',
      'main/bundle/{bzip2,gpgv,clamav,rpm-signatures,xz-program}.ts',
    ],
    rules: restrictImports(RAW_IPC),
  },
  { files: ['test/**/*.{ts,tsx,mjs}'], rules: restrictImports(RAW_IPC) },
  { files: ['main/cli/**/*.ts', 'test/lab/**/*.ts'], rules: { 'no-console': 'off' } },

  {
    files: ['renderer/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
);
