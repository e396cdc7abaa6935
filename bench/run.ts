// `npm run bench -- NAME …` runs one measurement. Without a name it runs the comparison.
import { listTasks, runTask, type Task, type Tasks } from '../scripts/run-task.ts'

export const measurements = {
  compare: {
    does: 'compares Latchkey with other libraries: ten minutes, with --quick four',
    commands: [['node', 'bench/compare.ts']],
  },
  before: {
    does: 'this version beside the one in the folder that BENCH_BEFORE names',
    commands: [['node', 'bench/before.ts']],
  },
  count: {
    does: 'calls to D1, KV, R2 and queues of each operation, and its waits',
    commands: [['node', 'bench/count.ts']],
  },
  growth: {
    does: 'each operation with few and many users, sessions and events',
    commands: [['node', 'bench/growth.ts']],
  },
  load: {
    does: 'fifty connections that sign in for twenty seconds: latency and memory',
    commands: [['node', 'bench/sign-in-load.ts']],
  },
  overload: {
    does: 'ten times the sign-ins that can be served, and the other requests beside them',
    commands: [['node', 'bench/overload.ts']],
  },
  archive: {
    does: 'processor time of a hundred events in the consumer: seals, pseudonyms, hash and signature',
    commands: [['node', 'bench/archive.ts']],
  },
  argon2id: {
    does: 'one password hash on our kernel, on the one of hash-wasm and on OpenSSL',
    commands: [['node', 'bench/argon2id.ts']],
  },
  start: {
    does: 'processor time of a new isolate until its first answer',
    commands: [['node', 'bench/start.ts']],
  },
  'second-factor': {
    does: 'the second step of a sign-in, with a code of an authenticator app, beside better-auth',
    commands: [['node', 'bench/second-factor.ts']],
  },
  passkey: {
    does: 'a sign-in with a passkey, beside better-auth and beside a password',
    commands: [['node', 'bench/passkey.ts']],
  },
  pages: {
    does: 'bytes and time until the sign-in page can be used, beside the pages of others',
    commands: [['node', 'bench/pages.ts']],
  },
  profile: {
    does: 'the functions that take the processor time of one operation',
    commands: [['node', 'bench/profile.ts']],
  },
  memory: {
    does: 'the memory of each heap of workerd during sign-ins',
    commands: [['node', 'bench/memory-owners.ts']],
  },
  types: {
    does: 'installs what the benchmark compares with, and checks the types of bench/',
    commands: [
      ['npm', 'ci', '--prefix', 'bench'],
      ['npx', 'tsc', '-p', 'bench'],
    ],
  },
} as const satisfies Tasks

const HELP = `npm run bench -- [NAME] [OPTIONS]    measures; without NAME it runs the comparison

${listTasks(measurements)}
bench/README.md describes each of them, its options and its results.
`

async function main(words: readonly string[]): Promise<number> {
  const [first] = words
  if (first === '--help' || first === '-h') {
    process.stdout.write(HELP)
    return 0
  }
  const [name, options] = first === undefined || first.startsWith('-') ? ['compare', words] : [first, words.slice(1)]
  const task = new Map<string, Task>(Object.entries(measurements)).get(name)
  if (task !== undefined) return await runTask(task, options)
  process.stderr.write(`There is no measurement named ${name}.\n\n${HELP}`)
  return 2
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
