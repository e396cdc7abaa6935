import { renameSync, writeFileSync } from 'node:fs'
import { judgeNote } from '../../compliance/archive/proof/judge-note.ts'
import type { TreeHead } from '../../tlog/checkpoint.ts'
import { type NotedTree, readNotedTree } from '../../tlog/checkpoint.ts'
import { type Consistency, isConsistent } from '../../tlog/merkle.ts'
import { formatNote } from '../../tlog/note.ts'
import type { Policy } from '../../tlog/policy.ts'
import { proveConsistency } from '../../tlog/prove.ts'
import { readRanges } from '../../tlog/tiles.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { UsageError } from '../shared/usage-error.ts'
import { type LogNote, noteIn } from './log-note.ts'
import { type LogTrust, readLogTrust } from './log-trust.ts'
import { findShortfall, type NoteDemands, noteMembers, witnessWords } from './log-words.ts'
import { openPublicLog, type PublicLog } from './public-log.ts'
import { readingToTheEnd } from './reading.ts'
import { readText } from './saved-checkpoint.ts'

interface Choice extends NoteDemands {
  /** The origin of the service. */
  readonly url: string
  /** The path of the checkpoint that the auditor kept. */
  readonly kept: string
  /** Where to write the new checkpoint, if it holds. */
  readonly save?: string | undefined
}

/**
 * Proves that the checkpoint which a service publishes continues the one that the auditor kept. Needs no
 * access to the archive: about ten tiles of the public log are read, however long it is.
 * @throws UsageError
 * @throws UnreadableError
 */
export async function auditFollow(choice: Choice): Promise<CommandResult> {
  const kept = readNotedTree(noteIn(readText(choice.kept)) ?? '')
  if (kept === undefined) throw new UsageError(`${choice.kept} holds no checkpoint of a log.`)
  return await readingToTheEnd(async () => {
    const trust = await readLogTrust(choice)
    const log = openPublicLog(choice.url)
    const noted = readNotedTree(await log.readCheckpoint())
    if (noted === undefined) return refuse('the service publishes no signed note of a log')
    const judged = await judgeNote(noted, trust?.policy)
    if (typeof judged === 'string') return refuse(`the published checkpoint does not hold: ${judged}`)
    const finding = (await checkKept(kept, trust?.policy)) ?? (await findBreak(kept.head, noted.head, log))
    if (finding !== undefined) return refuse(finding)
    const note = { ...noted, ...judged, trust }
    const shortfall = findShortfall(note, choice)
    if (shortfall === undefined && choice.save !== undefined) save(choice.save, noted)
    return report({ kept: kept.head, note, log, shortfall }, trust)
  })
}

/**
 * Checks that the log signed the kept checkpoint. An attacker who can change the file of the auditor could
 * otherwise hide a fork with a checkpoint that nobody signed. An earlier genuine one is all that they can
 * use.
 */
async function checkKept(kept: NotedTree, policy: Policy | undefined): Promise<string | undefined> {
  const judged = await judgeNote(kept, policy)
  return typeof judged === 'string'
    ? `the kept checkpoint does not hold, so the file was changed: ${judged}`
    : undefined
}

/** @returns a sentence unless the published tree continues the kept one */
async function findBreak(kept: TreeHead, published: TreeHead, log: PublicLog): Promise<string | undefined> {
  if (kept.origin !== published.origin) {
    return `the service publishes the log ${published.origin}, and the kept checkpoint is of ${kept.origin}`
  }
  if (published.size < kept.size) {
    return (
      `the service publishes a checkpoint of ${published.size} lines, and the kept one has ${kept.size}. ` +
      'A cached answer may be some minutes old: if that lasts, the log was cut or forked'
    )
  }
  const isSame = published.size === kept.size
  const proof = isSame ? [] : await proveConsistency(kept.size, { size: published.size, readTile: log.readTile })
  const claim = { oldSize: kept.size, oldRoot: kept.root, size: published.size, root: published.root, proof }
  if (isConsistent(claim)) return undefined
  // Wrong tiles do not prove a fork: an attacker who can write the archive could have changed them.
  const isServed = isSame || (await hasRootOfTiles(claim, log))
  if (!isServed) {
    return 'the tiles that the service serves do not lead to its own checkpoint. That proves no fork: the archive was changed'
  }
  return (
    `the published checkpoint of ${published.size} lines does not continue the kept one of ${kept.size}: the log was ` +
    'forked or rewritten. Keep both, because together they prove it'
  )
}

/** Whether the tiles lead to the published root, whatever the kept one is. */
async function hasRootOfTiles(claim: Consistency, { readTile }: PublicLog): Promise<boolean> {
  const [oldRoot] = await readRanges([{ from: 0, to: claim.oldSize }], { size: claim.size, readTile })
  return oldRoot !== undefined && isConsistent({ ...claim, oldRoot })
}

function save(path: string, { note }: NotedTree): void {
  // The kept checkpoint is whole at every moment, also if this process is stopped here.
  writeFileSync(`${path}.new`, formatNote(note))
  renameSync(`${path}.new`, path)
}

const refuse = (message: string): CommandResult => ({
  document: { ok: false, message },
  words: [`FAILED: ${message}.`],
  exitCode: 1,
})

interface Followed {
  readonly kept: TreeHead
  readonly note: LogNote
  readonly log: PublicLog
  readonly shortfall: string | undefined
}

function report({ kept, note, log, shortfall }: Followed, trust: LogTrust | undefined): CommandResult {
  const { size, origin } = note.head
  const continued = `the log ${origin} with ${size} lines continues the one with ${kept.size} that you kept`
  return {
    document: {
      ok: shortfall === undefined,
      ...noteMembers(note),
      continues: kept.size,
      tiles_read: log.reads(),
      anchor: trust?.name ?? null,
    },
    words: [
      ...(shortfall === undefined
        ? [`OK: ${continued}.`]
        : [shortfall, `What is published holds otherwise: ${continued}.`]),
      `Proved by ${log.reads()} tiles. Judged by ${trust?.name}.`,
      ...witnessWords(note),
      `This does not prove ${trust?.caveat}.`,
    ],
    exitCode: shortfall === undefined ? 0 : 5,
  }
}
