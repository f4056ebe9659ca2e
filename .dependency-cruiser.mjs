// Which file may import which: part of `npm run check`. An import goes down the house or stays on its floor (README.md, "The house"), and never in a circle;
// what is for browsers too takes nothing of Node's. Types count as imports.

/** The floors from the ground up, and the rooms of the lab. A floor may import those before it. */
const FLOORS = [
  '^src/runtime/',
  '^src/kernels/',
  '^src/autograd/',
  '^src/nn/',
  '^src/(metrics|data|train|node)/|^src/node.ts$|^src/index.ts$',
  '^src/(inspect|learn)/',
  '^src/view/',
  '^src/lab/(terminal|plots|features|log)/',
  '^src/lab/run/',
  '^src/lab/(transfer|report)/',
  '^src/lab/improvements/',
  '^src/lab/experiments/',
  '^src/lab/(commands|doctor)/',
  '^src/lab/(cli/|index.ts$)',
];

/** Floors that stand side by side, with what of their own height each may import besides itself. */
const BESIDE = [
  ['metrics', '^src/metrics/'],
  ['node', '^src/(runtime|node)/'],
  ['data', '^src/(runtime|kernels|autograd|nn|metrics|data)/'],
  ['train', '^src/(runtime|kernels|autograd|nn|metrics|data|train)/'],
  ['inspect', '^src/(runtime|kernels|autograd|nn|metrics|data|train|inspect)/|^src/index.ts$'],
  ['learn', '^src/(runtime|kernels|autograd|nn|metrics|data|train|learn)/|^src/index.ts$'],
];

/** What runs in a browser too. */
const BROWSER = '^src/(runtime|kernels|autograd|nn|metrics|data|train|inspect|learn|view)/|^src/index.ts$';

/** Rooms that read files: of data and of train apart from the rest. */
const READS_FILES = '^src/(data/(sources/|node\\.ts$)|train/(files/|node\\.ts$))';

export default {
  forbidden: [
    {
      name: 'circle',
      comment: 'Put what both need into a file of its own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...FLOORS.slice(0, -1).map((floor, i) => ({
      name: 'upward-import',
      comment: `Nothing on ${floor} may import a floor above it.`,
      severity: 'error',
      from: { path: floor },
      to: { path: FLOORS.slice(i + 1).join('|') },
    })),
    ...BESIDE.map(([room, allowed]) => ({
      name: 'upward-import',
      comment: `src/${room} may import ${allowed} alone.`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: READS_FILES },
      to: { path: '^src/', pathNot: allowed },
    })),
    {
      name: 'upward-import',
      comment: 'What reads files may use src/node, besides the floors under it.',
      severity: 'error',
      from: { path: READS_FILES },
      to: { path: '^src/', pathNot: '^src/(runtime|kernels|autograd|nn|metrics|data|train|node)/' },
    },
    {
      name: 'files-in-a-browser',
      comment: 'A browser has no files: only what reads files itself, src/node and the lab may import what reads them.',
      severity: 'error',
      from: { path: BROWSER, pathNot: READS_FILES },
      to: { path: READS_FILES },
    },
    {
      name: 'node-in-a-browser',
      comment:
        "What is for browsers too takes nothing of Node's: let it enter from the edge, as the shaders' texts do.",
      severity: 'error',
      from: { path: BROWSER, pathNot: READS_FILES },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'node-in-a-browser',
      comment: 'Packages that run in a browser too, so far: zod, @noble/hashes and protobufjs, and those of pages.',
      severity: 'error',
      from: { path: BROWSER, pathNot: READS_FILES },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'unknown'],
        pathNot: 'node_modules/(zod|@noble/hashes|protobufjs|prismjs|@dagrejs/dagre|wgsl_reflect)/',
      },
    },
    {
      name: 'unresolved',
      comment: 'There is no such module.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
