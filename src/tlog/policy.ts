import { type NoteKey, parseNoteKey, type VerifiedSignature } from './note.ts'

interface KnownLog {
  readonly key: NoteKey
  readonly url: string | undefined
}

export interface KnownWitness extends KnownLog {
  /** Its name in the policy. */
  readonly name: string
}

interface Group {
  readonly name: string
  readonly threshold: number
  readonly members: readonly string[]
}

/**
 * Which logs are believed, and which witnesses must have seen a checkpoint (https://c2sp.org/tlog-policy).
 */
export interface Policy {
  readonly logs: readonly KnownLog[]
  readonly witnesses: readonly KnownWitness[]
  readonly groups: readonly Group[]
  /** Name of a witness or a group, or `none`. */
  readonly quorum: string
}

/** A policy that cannot be read. The message names the line. */
class PolicyError extends Error {
  override readonly name = 'PolicyError'
}

/** A policy up to a line. */
interface Draft {
  readonly logs: KnownLog[]
  readonly witnesses: KnownWitness[]
  readonly groups: Group[]
  quorum: string | undefined
}

type Refuse = (reason: string) => never

/** Adds what a line says to a draft. @param words of the line, after its keyword */
type ReadWords = (draft: Draft, words: string[], refuse: Refuse) => void

const READERS: ReadonlyMap<string, ReadWords> = new Map([
  ['log', readLog],
  ['witness', readWitness],
  ['group', readGroup],
  ['quorum', readQuorum],
])

/** Reads a policy. @throws PolicyError */
export function parsePolicy(text: string): Policy {
  const draft: Draft = { logs: [], witnesses: [], groups: [], quorum: undefined }
  for (const [i, line] of text.split('\n').entries()) {
    const [keyword = '', ...words] = line.split(/[ \t]+/).filter((word) => word !== '')
    if (keyword === '' || keyword.startsWith('#')) continue
    const refuse: Refuse = (reason) => {
      throw new PolicyError(`line ${i + 1}: ${reason}`)
    }
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are not allowed.
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) refuse('a control character')
    const read = READERS.get(keyword) ?? refuse('unknown keyword')
    read(draft, words, refuse)
  }
  const { quorum } = draft
  if (quorum === undefined) throw new PolicyError('it has no quorum line')
  return { ...draft, quorum }
}

const isDefined = ({ witnesses, groups }: Draft, name: string): boolean =>
  [...witnesses, ...groups].some((one) => one.name === name)

function readLog({ logs }: Draft, [vkey = '', url, ...rest]: string[], refuse: Refuse): void {
  const key = parseNoteKey(vkey)
  if (key?.type !== 'log' || rest.length > 0) refuse('log <vkey> [<url>]')
  if (logs.some((one) => isSameKey(one.key, key))) refuse('the log is there twice')
  logs.push({ key, url })
}

function readWitness(draft: Draft, [name = '', vkey = '', url, ...rest]: string[], refuse: Refuse): void {
  const key = parseNoteKey(vkey)
  if (key?.type !== 'witness' || rest.length > 0) refuse('witness <name> <vkey> [<url>]')
  if (name === 'none' || isDefined(draft, name)) refuse('the name is taken')
  if (draft.witnesses.some((one) => isSameKey(one.key, key))) refuse('the witness is there twice')
  draft.witnesses.push({ name, key, url })
}

function readGroup(draft: Draft, [name = '', k = '', ...members]: string[], refuse: Refuse): void {
  if (name === '' || members.length === 0) refuse('group <name> <k|any|all> <name>…')
  if (name === 'none' || isDefined(draft, name)) refuse('the name is taken')
  if (!members.every((member) => isDefined(draft, member))) refuse('a member is not defined above')
  if (new Set(members).size !== members.length) refuse('a member is there twice')
  const used = new Set(draft.groups.flatMap((group) => group.members))
  if (members.some((member) => used.has(member))) refuse('a member is in another group')
  const threshold = k === 'any' ? 1 : k === 'all' ? members.length : /^[1-9]\d*$/.test(k) ? Number(k) : 0
  if (threshold < 1 || threshold > members.length) refuse('the number must be 1 to the number of members')
  draft.groups.push({ name, threshold, members })
}

function readQuorum(draft: Draft, [name = '', ...rest]: string[], refuse: Refuse): void {
  if (draft.quorum !== undefined) refuse('a second quorum line')
  if (rest.length > 0 || (name !== 'none' && !isDefined(draft, name))) refuse('the quorum is not defined above')
  draft.quorum = name
}

const isSameKey = (one: NoteKey, other: NoteKey): boolean => Buffer.compare(one.publicKey, other.publicKey) === 0

/**
 * Whether enough witnesses have signed. The signature of a log is no cosignature, also if the policy names
 * the same public key for a witness.
 * @param signatures of `verifyNote` with the keys of the policy
 */
export function meetsQuorum(
  { witnesses, groups, quorum }: Policy,
  signatures: readonly Pick<VerifiedSignature, 'key'>[],
): boolean {
  const cosigned = signatures.filter(({ key }) => key.type === 'witness')
  const met = new Set(
    witnesses.filter(({ key }) => cosigned.some((one) => isSameKey(one.key, key))).map(({ name }) => name),
  )
  for (const { name, threshold, members } of groups) {
    if (members.filter((member) => met.has(member)).length >= threshold) met.add(name)
  }
  return quorum === 'none' || met.has(quorum)
}

/**
 * Finds the latest time since which enough witnesses have signed. It is not the newest time of a cosignature:
 * one witness that lies could name any.
 * @param signatures of `verifyNote` with the keys of the policy
 * @returns Unix seconds; undefined unless they meet the quorum, and if the policy asks for no witness
 */
export function findQuorumTime(
  policy: Policy,
  signatures: readonly Pick<VerifiedSignature, 'key' | 'time'>[],
): number | undefined {
  if (policy.quorum === 'none') return undefined
  const times = signatures.map(({ time }) => time).filter((time) => time !== undefined)
  return times
    .toSorted((a, b) => b - a)
    .find((since) =>
      meetsQuorum(
        policy,
        signatures.filter(({ time }) => time !== undefined && time >= since),
      ),
    )
}
