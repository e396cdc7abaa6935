import { openBucket } from '../archive/archive-bucket.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { type D1Target, executeSql, executeSteps } from '../shared/d1.ts'
import { triggerCron } from '../shared/trigger-cron.ts'
import { UsageError } from '../shared/usage-error.ts'
import { selectMarked, signMarkersSteps } from './erasure-queries.ts'
import { erasuresRuns } from './erasures.ts'

const PREFIX = 'erased/'

interface SignChoice {
  readonly expect?: string | undefined
  /** Users whose markers are signed although the database does not say that they were erased. */
  readonly user?: readonly string[] | undefined
  readonly url: string
}

/**
 * Lists the erasure markers that have no signature, or asks the Worker to sign them. It reads the vault
 * bucket, and no key in it. The Worker signs, because it has `ROOT_KEYS`.
 * @throws UsageError when `expect` is not a number, or the configuration has no vault
 * @throws Error when a run is under way
 */
export async function erasuresSignMarkers(target: D1Target, choice: SignChoice): Promise<CommandResult> {
  if (choice.expect === undefined) return await list(target)
  if (!/^[1-9]\d{0,6}$/.test(choice.expect))
    throw new UsageError('Name the number of markers, for example --expect 12.')
  const { opened } = await executeSteps(target, signMarkersSteps(Number(choice.expect), choice.user ?? []))
  if (opened.length !== 1) throw new Error('a run is under way. Try again in five minutes.')
  if (!target.remote && (await triggerCron(choice.url))) return await erasuresRuns(target)
  return {
    document: { requested: ['sign-markers'], expect: Number(choice.expect) },
    words: ['The Worker begins within five minutes; see: npx --no-install latchkey erasures runs'],
  }
}

async function list(target: D1Target): Promise<CommandResult> {
  const unsigned = await findUnsigned(target)
  const [rows = []] = unsigned.length === 0 ? [[]] : await executeSql(target, [selectMarked(unsigned)])
  const signable = rows.filter(({ state }) => state === 'erased').length
  return {
    document: { unsigned: rows, signable },
    words: [
      rows,
      `${unsigned.length} markers have no signature, ${signable} of them of users who were erased.`,
      ...(signable === 0
        ? []
        : [
            `Compare them with your receipts, then: npx --no-install latchkey erasures sign-markers --expect ${signable}`,
          ]),
    ],
  }
}

/** Markers without a signature are empty objects. */
async function findUnsigned({ remote, persistTo, environment }: D1Target): Promise<string[]> {
  const vault = await openBucket({ binding: 'VAULT', remote, persistTo, environment, configPath: undefined })
  try {
    const unsigned: string[] = []
    for await (const path of vault.list(PREFIX)) {
      const isEmpty = (await vault.read(path))?.length === 0
      if (isEmpty) unsigned.push(path.slice(PREFIX.length))
    }
    return unsigned
  } finally {
    await vault.close()
  }
}
