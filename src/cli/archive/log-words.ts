import type { ComparedTree } from '../../compliance/archive/verify/rebuild-tree.ts'
import { HOUR_MS, rfc3339 } from '../../core/time.ts'
import type { CommandResult } from '../shared/command-result.ts'
import type { LogNote } from './log-note.ts'

/** What an auditor asks of the checkpoint of the log. */
export interface NoteDemands {
  /** The path of the policy. */
  readonly policy?: string | undefined
  /** The most hours since a quorum of the witnesses signed. */
  readonly maxAge?: number | undefined
}

const NO_CHECKPOINT =
  'BELOW QUORUM: there is no checkpoint of the log that the witnesses could have signed. ' +
  'Name one (--note FILE), or the service (--url https://…).'

/** Why a checkpoint of the log is not what the auditor asks for; undefined if it is. */
export function findShortfall(note: LogNote | undefined, { policy, maxAge }: NoteDemands): string | undefined {
  if (policy === undefined) return undefined
  if (note === undefined) return NO_CHECKPOINT
  if (note.state === 'below_quorum') {
    return 'BELOW QUORUM: fewer witnesses signed the checkpoint of the log than the policy asks for.'
  }
  const isTimed = note.trust?.policy.quorum !== 'none' && maxAge !== undefined
  return isTimed && Date.now() - (note.quorumAtSeconds ?? 0) * 1000 > maxAge * HOUR_MS
    ? `TOO OLD: the witnesses that the policy asks for did not sign the checkpoint of the log in the last ${maxAge} hours.`
    : undefined
}

/** Adds what was found out about the log. */
export function withLog(
  result: CommandResult,
  {
    tree,
    note,
    demands,
  }: { readonly tree: ComparedTree; readonly note: LogNote | undefined; readonly demands: NoteDemands },
): CommandResult {
  const shortfall = findShortfall(note, demands)
  const isShort = shortfall !== undefined && (result.exitCode === 0 || result.exitCode === 3)
  return {
    document: {
      ...result.document,
      ...(isShort ? { ok: false, below_demands: true } : {}),
      log: {
        size: tree.size,
        tiles: tree.tiles,
        unwritten: tree.unwritten,
        strays: tree.strays.count,
        ...noteMembers(note),
      },
    },
    words: [
      ...(isShort ? [shortfall] : []),
      ...result.words.map(isShort ? withoutOk : asIs),
      ...treeWords(tree),
      ...noteWords(note, tree),
    ],
    ...(isShort ? { exitCode: 5 as const } : result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
  }
}

type Word = CommandResult['words'][number]

const asIs = (word: Word): Word => word
const withoutOk = (word: Word): Word => (typeof word === 'string' ? word.replace(/^OK: /, '') : word)

/** What `--json` says of a checkpoint of the log. */
export const noteMembers = (note: LogNote | undefined): object => ({
  checkpoint: note ? { origin: note.head.origin, size: note.head.size, state: note.state } : null,
  cosigned_by: note?.witnesses.map(({ name, atSeconds }) => ({ name, at: timeOf(atSeconds) })) ?? [],
})

function treeWords({ size, tiles, unwritten, strays }: ComparedTree): string[] {
  const { count, shown } = strays
  const more = count > shown.length ? ` and ${count - shown.length} more` : ''
  return [
    `Log: the tree over ${size} lines was rebuilt, and ${tiles} tiles and bundles of the archive follow from it.`,
    ...(unwritten > 0 ? [`${unwritten} tiles and bundles are not written yet.`] : []),
    ...(count > 0 ? [`Strays: ${count} objects are no part of the log: ${shown.join(', ')}${more}.`] : []),
  ]
}

function noteWords(note: LogNote | undefined, { size }: ComparedTree): string[] {
  if (note === undefined) return []
  const { head, state, trust, witnesses } = note
  const after = size - head.size
  return [
    `The checkpoint of ${head.origin} signs the root of its first ${head.size} lines.`,
    state === 'unanchored' ? 'Nothing shows who signed it.' : `It was judged by ${trust?.name}.`,
    ...witnessWords(note),
    ...(witnesses.length > 0 && after > 0 ? [`No witness has signed the ${after} lines after it yet.`] : []),
  ]
}

export const witnessWords = ({ witnesses }: LogNote): string[] =>
  witnesses.map(({ name, atSeconds }) => `Cosigned by ${name}, ${timeOf(atSeconds)}.`)

const timeOf = (seconds: number | undefined): string | null => (seconds === undefined ? null : rfc3339(seconds * 1000))
