import type { FindKey, KeptHead } from '../../compliance/archive/format/signed-head.ts'
import { type ArchiveBytes, createSegmentSource, readKey } from '../../compliance/archive/verify/archive-source.ts'
import { type ExpectedTree, RebuiltTree } from '../../compliance/archive/verify/rebuild-tree.ts'
import { type ChainVerdict, type SoundChain, verifyChain } from '../../compliance/archive/verify/verify-chain.ts'
import { HOUR_MS, rfc3339 } from '../../core/time.ts'
import { readNotedTree } from '../../tlog/checkpoint.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { startProgress } from '../shared/progress.ts'
import { type Anchor, type AnchorChoice, readAnchor } from './anchors.ts'
import { type DistrustChoice, type Distrusts, readDistrusts } from './distrusts.ts'
import { type LogNote, type NoteChoice, noteIn, readLogNote } from './log-note.ts'
import { withLog } from './log-words.ts'
import { openArchive } from './open-archive.ts'
import { type PersonReport, readPersonLines } from './person-lines.ts'
import { readingToTheEnd } from './reading.ts'
import { readSavedCheckpoint, readText } from './saved-checkpoint.ts'

interface Choice extends AnchorChoice, DistrustChoice, NoteChoice {
  /** The path of an earlier checkpoint that the operator kept. */
  readonly checkpoint?: string | undefined
  /** Verify only the segments after that checkpoint. */
  readonly onlyAfter?: boolean | undefined
  /** The path of an export, to hold against the lines of its person. */
  readonly person?: string | undefined
  /** The most hours since the newest segment was written, and since a witness of the policy signed. */
  readonly maxAge?: number | undefined
}

/**
 * Verifies the audit archive from its first segment, and reports the first fault. Each segment names the hash
 * of the one before it, so the signature of a key that the auditor trusts over the newest segment covers all
 * of them, whichever keys signed the earlier ones.
 * @throws UsageError
 * @throws UnreadableError
 */
export async function auditVerify(choice: Choice): Promise<CommandResult> {
  return await readingToTheEnd(() => openArchive(choice, (archive) => verify(archive, choice)))
}

async function verify(archive: ArchiveBytes, choice: Choice): Promise<CommandResult> {
  const distrusts = readDistrusts(choice)
  const anchor = await readAnchor(choice, archive)
  const findKey: FindKey = async (kid) => (await anchor?.find(kid)) ?? (await readKey(archive, kid))
  const kept = choice.checkpoint === undefined ? undefined : await readSavedCheckpoint(choice.checkpoint, findKey)
  const person = choice.person === undefined ? undefined : readPersonLines(choice.person)
  // Read before the archive, which then has at least as many lines.
  const note = await readLogNote(choice)
  if (typeof note === 'string') return failed(forgedNote(note))
  const tree = choice.onlyAfter ? undefined : new RebuiltTree(archive, expectedTrees(note, choice))
  const source = createSegmentSource(archive, {
    findKey,
    findAnchor: anchor?.find,
    isDistrusted: distrusts.isAbove,
  })
  const onLines = tree && ((lines: readonly string[]) => tree.append(lines))
  const walk = verifyChain(source, { kept, onlyAfterKept: choice.onlyAfter, onEvent: person?.visit, onLines })
  const verdict = await walkThrough(walk, tree)
  const compared = verdict.ok ? await tree?.finish() : undefined
  if (compared !== undefined && 'kind' in compared) return failed(compared)
  const result = tooOld(verdict, choice.maxAge) ?? (await judge(verdict, { kept, anchor, note, distrusts }))
  const noted = choice.onlyAfter && kept ? noteStart(result, kept) : result
  const logged = compared === undefined ? noted : withLog(noted, { tree: compared, note, demands: choice })
  return person === undefined || !verdict.ok ? logged : withPerson(logged, person.report())
}

/** Walks through the archive, and compares each tile of the log as soon as it is full. */
async function walkThrough(walk: ReturnType<typeof verifyChain>, tree: RebuiltTree | undefined): Promise<ChainVerdict> {
  const progress = startProgress('segments')
  try {
    for (;;) {
      const step = await walk.next()
      if (step.done) return step.value
      progress.show(step.value.segments, step.value.ofSegments)
      const finding = await tree?.compare()
      if (finding) return { ok: false, finding }
    }
  } finally {
    progress.clear()
  }
}

/** The roots that the tree must have: that of the published checkpoint, and that of a kept one. */
function expectedTrees(note: LogNote | undefined, { checkpoint }: Choice): ExpectedTree[] {
  const text = checkpoint === undefined ? undefined : noteIn(readText(checkpoint))
  const kept = text === undefined ? undefined : readNotedTree(text)
  return [
    ...(kept ? [{ ...kept.head, name: 'the kept checkpoint of the log' }] : []),
    ...(note ? [{ ...note.head, name: 'the checkpoint of the log' }] : []),
  ]
}

const forgedNote = (reason: string): Finding => ({
  kind: 'forged-note',
  sequence: 0,
  message: `the checkpoint of the log does not hold: ${reason}`,
})

/** Says that the verification did not begin at the first segment. */
const noteStart = (result: CommandResult, { head: { sequence } }: KeptHead): CommandResult => ({
  ...result,
  document: { ...result.document, only_after: sequence },
  words: [
    ...result.words,
    `Only what follows segment ${sequence} was read. An event that is archived twice was looked for there alone.`,
  ],
})

/** Adds what the archive holds about a person. A line that the export lacks is a fault. */
function withPerson(result: CommandResult, report: PersonReport): CommandResult {
  const { lines, missing, unarchived } = report
  const isWhole = missing.length === 0
  const words = [
    `Person: the archive has ${lines} events of this person up to the export, ${isWhole ? 'and the export has them all' : 'and the export lacks some'}.`,
    ...missing.map(
      ({ first_day, events, ids }) => `MISSING in the period of ${first_day}: ${events} (${ids.join(', ')})`,
    ),
    ...(unarchived > 0
      ? [`${unarchived} events of the export are not in the archive yet, or were never sent to it.`]
      : []),
  ]
  return {
    document: { ...result.document, ...(isWhole ? {} : { ok: false }), person: report },
    words: [
      ...(isWhole ? [] : ['FAILED (missing-events): the export lacks events of the archive.']),
      ...result.words.map(isWhole ? asIs : withoutOk),
      ...words,
    ],
    exitCode: isWhole ? (result.exitCode ?? 0) : 1,
  }
}

type Word = CommandResult['words'][number]

const asIs = (word: Word): Word => word
const withoutOk = (word: Word): Word => (typeof word === 'string' ? word.replace(/^OK: /, '') : word)

/** @returns a result if the newest segment is older than the operator accepts */
function tooOld(verdict: ChainVerdict, maxAgeHours: number | undefined): CommandResult | undefined {
  if (!verdict.ok || maxAgeHours === undefined || Date.now() - verdict.createdAtMs <= maxAgeHours * HOUR_MS)
    return undefined
  const { sequence } = verdict.head
  return {
    document: { ok: false, too_old: true, head: { sequence }, created_at: rfc3339(verdict.createdAtMs) },
    words: [`TOO OLD: segment ${sequence}, the newest one, was written more than ${maxAgeHours} hours ago.`],
    exitCode: 5,
  }
}

/** Something outside the archive that fixes its newest segment. */
type Hold = Pick<Anchor, 'name' | 'caveat'>

interface Held {
  readonly kept: KeptHead | undefined
  readonly anchor: Anchor | undefined
  readonly note: LogNote | undefined
  readonly distrusts: Distrusts
}

async function judge(verdict: ChainVerdict, { kept, anchor, note, distrusts }: Held) {
  if (!verdict.ok) return failed(verdict.finding)
  if (verdict.segments === 0) return unanchored(verdict, kept, 'The archive is empty: there is nothing to verify.')
  const { signedBy, head, unsignedTail, vouched } = verdict
  const isSigned = signedBy !== undefined && (vouched.has(signedBy) || (await anchor?.find(signedBy)) !== undefined)
  if (anchor?.isNamed && !isSigned && signedBy !== undefined) {
    const message = `the newest checkpoint is signed by ${signedBy}, which is none of ${anchor.name}`
    return failed({ kind: 'forged-head', sequence: head.sequence, message })
  }
  if (kept?.head.sequence === head.sequence) return anchored(verdict, kept, keptHold(kept))
  if (unsignedTail) {
    return unanchored(verdict, kept, `Segment ${head.sequence} is not signed yet: verify again in a few minutes.`)
  }
  if (signedBy !== undefined && distrusts.names(signedBy)) return unanchored(verdict, kept, DISTRUSTED)
  if (anchor && isSigned) return anchored(verdict, kept, anchor)
  const byNote = note && noteHold(note, verdict)
  if (byNote) return anchored(verdict, kept, byNote)
  if (kept && signedBy === kept.kid) return anchored(verdict, kept, keptHold(kept))
  return unanchored(verdict, kept, kept ? onlyUpTo(kept) : NO_ANCHOR)
}

const NO_ANCHOR =
  'The keys come from the archive itself, and whoever can write it could have put them there, or written all of it. ' +
  'Name a key that you kept (--key), the service (--url https://…), or a checkpoint that you kept (--checkpoint).'

const DISTRUSTED =
  'The newest segment is signed by a key of --distrust, and whoever has that key could have written all of it. ' +
  'Name a checkpoint of the newest segment that you kept, or verify again after a newer key has signed a segment.'

const onlyUpTo = ({ head }: KeptHead): string =>
  `Up to segment ${head.sequence} it is what your checkpoint names. A key that only the archive has signed what follows: ` +
  'name the newer key (--key), or the service (--url https://…).'

const keptHold = ({ head }: KeptHead): Hold => ({
  name: `the checkpoint of segment ${head.sequence} that you kept, and the key that signed it`,
  caveat: 'that the events are true: only that they are those that the service signed',
})

/** The checkpoint of the log, if a policy of the auditor judged it and it signs every line. */
const noteHold = ({ head, state, trust }: LogNote, { events }: SoundChain): Hold | undefined =>
  state === 'anchored' && trust && head.size === events
    ? { name: `the checkpoint of the log, judged by ${trust.name}`, caveat: trust.caveat }
    : undefined

interface Finding {
  readonly kind: string
  readonly sequence: number
  readonly message: string
}

const failed = (finding: Finding): CommandResult => ({
  document: { ok: false, finding },
  words: [`FAILED (${finding.kind}): ${finding.message}.`],
  exitCode: 1,
})

function anchored(verdict: SoundChain, kept: KeptHead | undefined, { name, caveat }: Hold): CommandResult {
  return {
    document: { ok: true, anchored: true, anchor: name, ...counts(verdict, kept) },
    words: [
      `OK: ${size(verdict)} are one unbroken chain.`,
      headLine(verdict),
      ...keptLine(kept),
      `Anchored by ${name}.`,
      `This does not prove ${caveat}; nor that every event is there.`,
      ...noticeLines(verdict),
      ...keyLines(verdict),
    ],
    exitCode: 0,
  }
}

const unanchored = (verdict: SoundChain, kept: KeptHead | undefined, why: string): CommandResult => ({
  document: { ok: false, anchored: false, anchor: null, ...counts(verdict, kept) },
  words: [
    `NOT ANCHORED: no fault was found in ${size(verdict)}, but nothing shows that the service wrote them all.`,
    ...(verdict.segments > 0 ? [headLine(verdict)] : []),
    why,
    ...noticeLines(verdict),
    ...keyLines(verdict),
  ],
  exitCode: 3,
})

const counts = (
  { segments, events, head, keys, unsignedTail, repeated, strays, changes, distrusted }: SoundChain,
  kept: KeptHead | undefined,
): object => ({
  segments,
  events,
  head: { sequence: head.sequence, hash: head.hash },
  unsigned_tail: unsignedTail,
  continues_segment: kept?.head.sequence ?? null,
  keys,
  key_changes: changes.shown.map(({ sequence, from, to, isEndorsed }) => ({
    sequence,
    from,
    to,
    endorsed: isEndorsed,
  })),
  distrusted,
  repeated,
  strays: strays.count,
})

const size = ({ segments, events }: SoundChain): string => `${segments} segments with ${events} events`

const headLine = ({ head }: SoundChain): string => `Head: segment ${head.sequence}, SHA-256 ${head.hash}`

const keptLine = (kept: KeptHead | undefined): string[] =>
  kept ? [`It continues the checkpoint of segment ${kept.head.sequence} that you kept.`] : []

/** What is unusual and no fault. */
function noticeLines({ repeated, strays: { count, shown } }: SoundChain): string[] {
  const more = count > shown.length ? ` and ${count - shown.length} more` : ''
  return [
    ...(repeated > 0 ? [`Repeated: ${repeated} events stand in two segments. The first one of each counts.`] : []),
    ...(count > 0 ? [`Strays: ${count} objects are no part of the chain: ${shown.join(', ')}${more}.`] : []),
  ]
}

function keyLines({ keys, changes: { count, shown }, distrusted }: SoundChain): string[] {
  if (keys.length === 0) return []
  const changes = shown.map(({ sequence, from, to, isEndorsed }) => {
    const by = isEndorsed ? 'the old key endorsed that' : 'the OLD KEY DID NOT ENDORSE that'
    return `Key changed at segment ${sequence}, and ${by}: from ${from} to ${to}`
  })
  return [
    'Signed by the keys with these thumbprints:',
    ...keys.map((kid) => `  ${kid}`),
    ...changes,
    ...(count > shown.length ? [`Key changed ${count - shown.length} more times.`] : []),
    ...distrusted.map(
      ({ kid, version, above }) =>
        `The service distrusts root key ${version} (${kid ?? 'its key is not known'}) above segment ${above}.`,
    ),
  ]
}
