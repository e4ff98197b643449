// Who may import whom. Every row of the table in docs/ARCHITECTURE.md ("Boundaries") is one or more rules here, and
// test/unit/boundaries.test.ts plants a violation of each rule and expects exactly that rule to be reported.

/** Folders that touch the world. Each may use its own files and the pure parts, never another adapter. */
const ADAPTERS = [
  'catalogue',
  'remote',
  'hypervisor',
  'patching',
  'bundle',
  'audit',
  'secrets',
  'collect',
  'review',
];

/** The files that describe a port: an interface, its contract in prose, no implementation. */
const PORTS = [
  '^main/remote/remote-shell[.]ts$',
  '^main/hypervisor/hypervisor[.]ts$',
  '^main/patching/patch-driver[.]ts$',
  '^main/secrets/keyring[.]ts$',
];

/** The files of the contract that have no schema of a channel in them. */
const WORDS = '^contract/(vocabulary|errors|declaration|marking)[.]ts$';

const outside = (...allowed) => ({ pathNot: allowed });

/** A rule for one folder: everything that is not on its list is refused. Node's own modules count as `core` modules. */
function allowOnly(name, comment, from, allowed) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from },
    to: outside(...allowed),
  };
}

/** Path that dependency-cruiser gives a Node module ("fs", "node:fs" -> "fs"), and one in node_modules. */
const NODE_MODULES = '^node_modules/';

/** The one open database, handed in by compose.ts: others know its type. */
const DATABASE = '^main/catalogue/database[.]ts$';

/** What an adapter folder may use beyond its own, and why. */
const ALSO = {
  // The format of bundles is read and written by main/bundle; the two other workspaces build on it.
  // Sealed keys are written so that they are whole at every instant.
  collect: ['^main/bundle/', '^main/secrets/write-durably[.]ts$'],
  // The reviewer's own key is sealed as the vault seals.
  review: ['^main/bundle/', '^main/secrets/(sealing|vault|write-durably)[.]ts$'],
  // The audit trail is a table of the site's database.
  audit: [DATABASE],
  // A stored health check is parsed with the schema that it came in with.
  catalogue: ['^contract/endpoints[.]ts$'],
};

const adapterRules = ADAPTERS.map((folder) => ({
  name: `${folder}-imports`,
  comment: `main/${folder} uses the words of the contract, main/core, the ports and its own files; never another adapter.`,
  severity: 'error',
  from: { path: `^main/${folder}/` },
  to: {
    path: '^(contract|main|preload|renderer|test)/',
    pathNot: [WORDS, '^main/core/', `^main/${folder}/`, ...PORTS, ...(ALSO[folder] ?? [])],
  },
}));

export default {
  forbidden: [
    allowOnly(
      'contract-imports',
      'contract belongs to no process: it imports only itself and the schema library.',
      '^contract/',
      ['^contract/', `${NODE_MODULES}zod/`],
    ),
    allowOnly(
      'core-imports',
      'main/core is pure: the words of the contract, itself and packages as pure; no Node module, no adapter.',
      '^main/core/',
      [
        WORDS,
        '^main/core/',
        `${NODE_MODULES}(zod|@scure/bip39|@tufjs/canonical-json|ae-cvss-calculator|saxes|yaml)/`,
      ],
    ),
    ...adapterRules,
    {
      name: 'runs-imports',
      comment: 'The interpreter of runs knows ports, never an adapter.',
      severity: 'error',
      from: { path: '^main/runs/' },
      to: {
        path: '^(contract|main|preload|renderer|test)/',
        pathNot: [WORDS, '^main/core/', '^main/runs/', DATABASE, ...PORTS],
      },
    },
    {
      name: 'app-imports',
      comment:
        'Handlers know the contract, core, runs and ports; adapters are put together in compose.ts alone.',
      severity: 'error',
      from: { path: '^main/app/', pathNot: '^main/app/(compose|run-ports|content)[.]ts$' },
      to: {
        dependencyTypesNot: ['type-only'],
        path: '^(contract|main|preload|renderer|test)/',
        pathNot: [
          '^contract/',
          '^main/core/',
          '^main/runs/',
          '^main/app/',
          '^main/bundle/',
          '^main/review/',
          ...PORTS,
        ],
      },
    },
    {
      name: 'database-handle',
      comment:
        'compose.ts opens the database once and hands it out; the audit trail and the journal know its type.',
      severity: 'error',
      from: { path: '^main/(audit|runs)/' },
      to: { path: DATABASE, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'engine-imports',
      comment:
        "The engine's entry serves the composed application over messages; it reaches past it to nothing.",
      severity: 'error',
      from: { path: '^main/engine/' },
      to: {
        path: '^(contract|main|preload|renderer|test)/',
        pathNot: ['^contract/', '^main/app/(compose|dispatch)[.]ts$', '^main/engine/', ...PORTS],
      },
    },
    {
      name: 'desktop-imports',
      comment: 'The shell starts the engine and speaks its message protocol; it holds no domain code.',
      severity: 'error',
      from: { path: '^main/desktop/' },
      to: {
        path: '^(contract|main|preload|renderer|test)/',
        pathNot: [
          '^contract/',
          '^main/desktop/',
          '^main/engine/(messages|port)[.]ts$',
          '^preload/bridge[.]ts$',
        ],
      },
    },
    {
      name: 'cli-imports',
      comment:
        'The command line goes through the same dispatch as the window; only Collect, which has no site, it calls itself.',
      severity: 'error',
      from: { path: '^main/cli/' },
      to: {
        path: '^(contract|main|preload|renderer|test)/',
        pathNot: [
          '^contract/',
          '^main/app/(compose|dispatch|version)[.]ts$',
          '^main/collect/(build-bundle|check-media|signing-keys|key-[a-z]+|root-[a-z]+)[.]ts$',
          '^main/bundle/fingerprint[.]ts$',
          '^main/core/(needs-list|baseline)[.]ts$',
          '^main/collect/site-register[.]ts$',
          '^main/review/',
          '^main/cli/',
          ...PORTS,
        ],
      },
    },
    allowOnly(
      'preload-imports',
      'The bridge is a few lines with no logic: types of the contract and electron.',
      '^preload/',
      ['^contract/', '^preload/', `${NODE_MODULES}electron/`],
    ),
    {
      name: 'preload-contract-types-only',
      comment:
        'The preload script is bundled without the schema library: it takes only types from the contract.',
      severity: 'error',
      from: { path: '^preload/' },
      to: { path: '^contract/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'renderer-imports',
      comment: "The window knows the contract and the bridge's type; never the work behind them.",
      severity: 'error',
      from: { path: '^renderer/', pathNot: '^renderer/page/' },
      to: {
        path: '^(contract|main|preload|renderer|test)/',
        pathNot: ['^contract/', '^preload/bridge[.]ts$', '^renderer/'],
      },
    },
    {
      name: 'renderer-page-imports',
      comment:
        'The page decides in a browser with nothing behind it: it takes the pure rules of reviews along, and nothing else of main.',
      severity: 'error',
      from: { path: '^renderer/page/' },
      to: {
        path: '^(contract|main|preload|renderer|test)/',
        pathNot: [
          '^contract/',
          '^main/core/review/',
          '^main/core/(fingerprint|passphrase)[.]ts$',
          '^renderer/(page|decide|components|format|styles)/',
        ],
      },
    },
    {
      name: 'window-not-to-page',
      comment: 'The page is an entry of its own: the window does not build on it.',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '^renderer/page/' },
      to: { path: '^renderer/page/' },
    },
    {
      name: 'renderer-no-node',
      comment: 'The renderer is sandboxed: it has no Node modules.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'screens-apart',
      comment:
        'A screen never imports another screen; what two share is a component, a store or a format function.',
      severity: 'error',
      from: { path: '^renderer/screens/([^/]+)/' },
      to: { path: '^renderer/screens/', pathNot: '^renderer/screens/$1/' },
    },
    {
      name: 'electron-only-in-shell',
      comment:
        'electron is imported by the desktop shell and the bridge; everything else runs under plain Node.',
      severity: 'error',
      from: { path: '^(contract|main|renderer|test)/', pathNot: ['^main/desktop/', '^test/(e2e|setup)/'] },
      to: { path: ['^electron$', `${NODE_MODULES}electron(-store)?/`] },
    },
    {
      name: 'not-to-test',
      comment: 'What ships never depends on what tests it.',
      severity: 'error',
      from: { path: '^(contract|main|preload|renderer)/' },
      to: { path: '^test/' },
    },
    {
      name: 'not-to-shells',
      comment: 'The two shells and the entry of the engine are leaves: nothing is built on them.',
      severity: 'error',
      from: { path: '^(contract|main|preload|renderer)/', pathNot: ['^main/(desktop|cli|engine)/'] },
      to: { path: '^main/(desktop|cli|engine)/' },
    },
    {
      name: 'no-circular',
      comment: 'A cycle means that two files are one file.',
      severity: 'error',
      from: {},
      // Types alone leave no trace at run time: a table and its rows may name each other's.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^electron$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    preserveSymlinks: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(out|[.]cache|fixtures)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};
