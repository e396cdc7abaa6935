// `npm run generate` writes every checked-in file that is made from other files of the repository.
// `npm run generate -- NAME` writes one of them, or one that is made from an installed package.
import { listTasks, runTask, type Task, type Tasks } from './run-task.ts'

const vitest = ['npx', 'vitest', 'run', '--project', 'node', '--reporter', 'dot'] as const

/**
 * The tasks that `npm run generate` runs without a name. Each takes seconds, and the same source gives the
 * same file.
 */
export const always = {
  client: {
    does: 'src/client/api.ts and src/core/api-path.ts, from the contracts of the routes',
    commands: [['node', 'scripts/client-types.ts']],
  },
  endpoints: {
    does: 'the table of docs/endpoints.md, from the contracts of the routes',
    commands: [['node', 'scripts/endpoint-table.ts']],
  },
  inventory: {
    does: 'the table of docs/data-inventory.md, from src/compliance/retention.ts',
    commands: [['node', 'scripts/inventory.ts']],
  },
  pages: {
    does: 'src/pages/packed, from src/pages/browser and src/pages/words',
    commands: [['node', 'scripts/build-pages.ts']],
  },
  schema: {
    does: 'src/compliance/alarms/expected-schema.json, from migrations/',
    commands: [['node', 'scripts/expected-schema.ts']],
  },
  requirements: {
    does: 'the lists of tests in docs/requirements.md, from the titles of the tests',
    commands: [[...vitest, 'test/node/requirements.test.ts', '-u']],
  },
} as const satisfies Tasks

/** The tasks that run only by name. */
export const rare = {
  openapi: {
    does: 'prints the OpenAPI document (npm run -s generate -- openapi)',
    commands: [['node', 'scripts/openapi.ts']],
  },
  'argon2id-compile': {
    does: 'src/crypto/argon2id/simd.wasm, from src/crypto/argon2id/kernel',
    commands: [['node', 'scripts/compile-argon2id.ts']],
  },
  'argon2id-extract': {
    does: 'the modules in src/crypto/argon2id, from the installed hash-wasm',
    commands: [['node', 'scripts/extract-argon2id.ts']],
  },
  'docs-ui': {
    does: 'the files of the /docs page, from the installed swagger-ui-dist',
    commands: [['node', 'scripts/pack-docs-ui.ts']],
  },
  'common-passwords': {
    does: 'src/identity/common-passwords.json, from the installed list',
    commands: [['node', 'scripts/common-passwords.ts']],
  },
} as const satisfies Tasks

const HELP = `npm run generate            writes all of these:

${listTasks(always)}
npm run generate -- NAME    writes one of them, or one of these:

${listTasks(rare)}`

async function main([name, ...options]: readonly string[]): Promise<number> {
  if (name === undefined) return await runAll(always)
  if (name === '--help' || name === '-h') {
    process.stdout.write(HELP)
    return 0
  }
  const task = new Map<string, Task>(Object.entries({ ...always, ...rare })).get(name)
  if (task !== undefined) return await runTask(task, options)
  process.stderr.write(`There is no generated file named ${name}.\n\n${HELP}`)
  return 2
}

/** Runs all tasks, also when one of them fails. */
async function runAll(tasks: Tasks): Promise<number> {
  let result = 0
  for (const [name, task] of Object.entries(tasks)) {
    process.stderr.write(`${name}: ${task.does}\n`)
    result = (await runTask(task)) || result
  }
  return result
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
