/** What an operator asks about root keys, and does: how far a rotation is, and how to finish it. */
import { selectNewestRuns } from '../compliance/keys/get-key-progress.ts'
import type { JobName } from '../core/job-name.ts'
import {
  chooseCommand,
  expectNoMore,
  PLACE_OPTIONS,
  readCommandLine,
  runCommand,
  say,
  sayTable,
  UsageError,
} from './command-line.ts'
import { D1_HELP, type D1Target, executeSql, readTarget, requestRuns, toText } from './d1.ts'
import { COUNT_OLD_PASSWORDS, forgetRootKey, LIST_ROOT_KEYS } from './key-queries.ts'
import { URL_OPTION, wake } from './wake.ts'

const HELP = `How far a rotation of ROOT_KEYS is, and what finishes it. docs/keys.md has the procedures.

  npm run keys -- COMMAND [OPTIONS]

  status                   what stands under each root key version, and the newest runs of the jobs
  rotate                   asks the Worker to move everything to the newest root key now; it does so daily by itself
  old-passwords            how many people have a password hash under each pepper
  retire-passwords         asks the Worker to take the password from all whose hash is under an old pepper: they have
                           not signed in since the rotation, and get a new one by mail
  forget VERSION           declares a root key lost for good, so that the service stops waiting for it: what is under it
                           stays unreadable

${D1_HELP}
  --url ORIGIN             the local service to wake (http://127.0.0.1:8787)

Exit code 0: done. 1: it could not be done. 2: wrong usage.`

interface Invocation {
  readonly target: D1Target
  readonly url: string
  readonly words: readonly string[]
}

type Command = (invocation: Invocation) => Promise<void>

const commands = new Map<string, Command>([
  ['status', status],
  ['rotate', ask('rewrap-keys', 'reindex-users', 'reindex-identities')],
  ['old-passwords', oldPasswords],
  ['retire-passwords', ask('retire-passwords')],
  ['forget', forget],
])

await runCommand(HELP, main)

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readCommandLine(argv, { ...PLACE_OPTIONS, ...URL_OPTION })
  const [name, ...words] = positionals
  await chooseCommand(commands, name)({ target: readTarget(values), url: values.url, words })
  return 0
}

async function status({ target, words }: Invocation): Promise<void> {
  expectNoMore(words)
  const [rootKeys = [], runs = []] = await executeSql(target, [LIST_ROOT_KEYS, toText(selectNewestRuns)])
  sayTable(rootKeys)
  sayTable(runs.map((run) => ({ ...run, started_at: time(run.started_at), finished_at: time(run.finished_at) })))
}

async function oldPasswords({ target, words }: Invocation): Promise<void> {
  expectNoMore(words)
  const [rows = []] = await executeSql(target, [COUNT_OLD_PASSWORDS])
  sayTable(rows)
}

function ask(...jobs: readonly JobName[]): Command {
  return async (invocation) => {
    const { target, url, words } = invocation
    expectNoMore(words)
    await requestRuns(target, ...jobs)
    if (!target.remote && (await wake(url))) return await status(invocation)
    say('It was asked for. The Worker begins within five minutes; see: npm run keys -- status')
  }
}

async function forget({ target, words: [version, ...others] }: Invocation): Promise<void> {
  expectNoMore(others)
  if (version === undefined || !/^[1-9]\d{0,8}$/.test(version)) throw new UsageError('Name a version, a whole number.')
  const [forgotten] = await executeSql(target, [forgetRootKey(version)])
  if (forgotten?.length !== 1) throw new Error('no such version is in use.')
  say(`Version ${version} is no longer waited for.`)
}

function time(ms: unknown): string {
  return typeof ms === 'number' ? new Date(ms).toISOString() : '-'
}
