/**
 * What an operator asks about erasures, and does: list, dry run, run now, legal hold, receipt. Speaks to the database
 * alone; the purge itself is always done by the Worker, which has the keys.
 */
import { type UserId, userIdSchema } from '../core/ids.ts'
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
import { D1_HELP, type D1Target, executeSql, executeSteps, readTarget, requestRuns } from './d1.ts'
import { COUNT_OPEN, findReceipt, holdSteps, LIST_OPEN, LIST_RUNS, releaseSteps } from './erasure-queries.ts'
import { URL_OPTION, wake } from './wake.ts'

const HELP = `Lists erasures, asks for them, and holds them back.

  npm run erasures -- COMMAND [OPTIONS]

  list                     every erasure that is open, with its state: pending, due, held, failed
  dry-run                  how many there are in each state; a purge would erase those due and failed
  run                      asks for a purge: the Worker begins within five minutes, locally at once
  runs                     how far the last runs got
  hold USER_ID REASON      blocks the purge of a user; REASON is your case's reference, no personal data
  release USER_ID          lifts the hold
  receipt USER_ID          prints the signed receipt; pipe it to: npm run receipt:verify -- -

${D1_HELP}
  --url ORIGIN             the local service to wake for \`run\` (http://127.0.0.1:8787)

Exit code 0: done. 1: it could not be done. 2: wrong usage.`

interface Invocation {
  readonly target: D1Target
  readonly url: string
  readonly words: readonly string[]
}

type Command = (invocation: Invocation) => Promise<void>

const commands = new Map<string, Command>([
  ['list', show(LIST_OPEN)],
  ['dry-run', show(COUNT_OPEN)],
  ['run', run],
  ['runs', show(LIST_RUNS)],
  ['hold', hold],
  ['release', release],
  ['receipt', receipt],
])

await runCommand(HELP, main)

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readCommandLine(argv, {
    ...PLACE_OPTIONS,
    ...URL_OPTION,
  })
  const [name, ...words] = positionals
  await chooseCommand(commands, name)({ target: readTarget(values), url: values.url, words })
  return 0
}

function show(statement: string): Command {
  return async ({ target, words }) => {
    expectNoMore(words)
    const [rows = []] = await executeSql(target, [statement])
    sayTable(rows)
  }
}

async function run(invocation: Invocation): Promise<void> {
  const { target, url, words } = invocation
  expectNoMore(words)
  await requestRuns(target, 'purge')
  if (!target.remote && (await wake(url))) return await show(LIST_RUNS)(invocation)
  say('A purge was asked for. The Worker begins within five minutes; see: npm run erasures -- runs')
}

async function hold({ target, words: [id, ...reason] }: Invocation): Promise<void> {
  const userId = readUserId(id)
  if (reason.length === 0) throw new UsageError('A hold needs a reason.')
  const {
    placed,
    found: [user],
  } = await executeSteps(target, holdSteps(userId, reason.join(' ')))
  if (placed.length === 1) return say('The purge of this user is blocked.')
  if (user?.is_known) return say('This user is held already, for the reason given then.')
  throw new Error('no user has this id, or the purge of this user is under way or done. No hold was placed.')
}

async function release({ target, words: [user, ...others] }: Invocation): Promise<void> {
  const userId = readUserId(user)
  expectNoMore(others)
  const { lifted } = await executeSteps(target, releaseSteps(userId))
  if (lifted.length !== 1) throw new Error('there is no hold on this user.')
  say('The hold was lifted.')
}

async function receipt({ target, words: [user, ...others] }: Invocation): Promise<void> {
  const userId = readUserId(user)
  expectNoMore(others)
  const [rows = []] = await executeSql(target, [findReceipt(userId)])
  const text = rows[0]?.receipt
  if (typeof text !== 'string') throw new Error('this user has not been erased.')
  say(text)
}

/** @throws UsageError when it is none */
function readUserId(text: string | undefined): UserId {
  const userId = userIdSchema.safeParse(text)
  if (!userId.success) throw new UsageError('Name a user by the id, a UUID of version 4.')
  return userId.data
}
