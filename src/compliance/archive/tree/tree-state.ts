import { sql } from 'drizzle-orm'
import type { Context } from '../../../context.ts'
import { columnsOf, computed, withRows } from '../../../storage/database/rows.ts'
import { formatTreeHead, readNotedTree, type TreeHead } from '../../../tlog/checkpoint.ts'
import { type Edge, parseEdge, rootOfEdge } from '../../../tlog/edge.ts'
import { MOST_NOTE_CHARACTERS, verifyNote } from '../../../tlog/note.ts'
import { deriveLogKeys } from '../keys/log-keys.ts'

/** The tree over the lines of all segments up to one. */
export interface Tree {
  /** The last of these segments. The note does not cover this number. */
  readonly segment: number
  readonly edge: Edge
  /** The text of a signed note of exactly this tree. */
  readonly note: string
}

/** A tree whose note holds. */
export interface BelievedTree extends Tree {
  readonly head: TreeHead
  /** Whether every trusted root key version of this isolate has signed the note. */
  readonly isSignedByAll: boolean
}

/** What the row of `log_tree` says. */
export interface StoredTree {
  /** The note as the row has it; null without a row, or if an attacker put something else in its place. */
  readonly note: string | null
  /** Undefined if the row is not believed. */
  readonly tree: BelievedTree | undefined
}

/** The longest edge, one of ten levels, in characters. */
const MOST_EDGE = 131_072

/** The note of the row; null if it is not one. */
export const storedNote = sql.raw(
  `CASE WHEN typeof(note) = 'text' AND length(note) <= ${MOST_NOTE_CHARACTERS} THEN note END`,
)

const members = {
  segment: computed.countOrNull(sql`segment`),
  edge: computed.textOrNull(sql.raw(`CASE WHEN typeof(edge) = 'text' AND length(edge) <= ${MOST_EDGE} THEN edge END`)),
  note: computed.textOrNull(storedNote),
} as const

const selectTree = withRows(members, sql`SELECT ${columnsOf(members)} FROM log_tree WHERE id = 1`)

/**
 * Reads the tree that the database has. An attacker who can write the database can withhold it, or put an
 * earlier one in its place, but make none.
 * @returns undefined if there is none, or its note and edge are not those of one tree that this service
 * signed
 * @throws TimeLimitError
 */
export const readTree = async (ctx: Pick<Context, 'db' | 'ring'>): Promise<BelievedTree | undefined> =>
  (await readStoredTree(ctx)).tree

/** As `readTree`, with the note of a row that is not believed. */
export async function readStoredTree(ctx: Pick<Context, 'db' | 'ring'>): Promise<StoredTree> {
  const { segment = null, edge = null, note = null } = (await ctx.db.first(selectTree)) ?? {}
  if (segment === null || edge === null || note === null) return { note, tree: undefined }
  const own = newest.get(ctx.ring)
  if (own?.edge === edge && own.tree.note === note) return { note, tree: { ...own.tree, segment } }
  return { note, tree: await believeTree(ctx, { segment, note, edge }) }
}

/** The tree that this isolate has stored last, with its edge as JSON. It need not be checked again. */
const newest = new WeakMap<Context['ring'], { readonly edge: string; readonly tree: BelievedTree }>()

/** Remembers a tree that this isolate has stored. @param edge JSON of `formatEdge` */
export const rememberTree = (ring: Context['ring'], tree: BelievedTree, edge: string): void => {
  newest.set(ring, { edge, tree })
}

/** A tree as a store has it. */
interface Claim extends Pick<Tree, 'segment' | 'note'> {
  /** JSON of `formatEdge`. */
  readonly edge: string
}

/**
 * Checks a note and the edge that belongs to it.
 * @returns undefined unless a trusted root key version of this isolate signed exactly this tree
 */
export async function believeTree(ctx: Pick<Context, 'ring'>, claim: Claim): Promise<BelievedTree | undefined> {
  const edge = parseEdge(claim.edge)
  const signed = edge && (await believeNote(ctx, claim.note))
  if (edge === undefined || signed === undefined) return undefined
  const own = { origin: signed.head.origin, size: edge.size, root: rootOfEdge(edge) }
  return formatTreeHead(own) === formatTreeHead(signed.head) ? { ...claim, edge, ...signed } : undefined
}

/** Reads a note. @returns undefined unless a trusted root key version of this isolate signed it */
async function believeNote(
  ctx: Pick<Context, 'ring'>,
  text: string,
): Promise<Pick<BelievedTree, 'head' | 'isSignedByAll'> | undefined> {
  const noted = readNotedTree(text)
  if (noted === undefined) return undefined
  const { note, head } = noted
  const { signers } = await deriveLogKeys(ctx, head.origin)
  const signatures = (await verifyNote(note, signers)) ?? []
  if (signatures.length === 0) return undefined
  const isSignedByAll = signers.every(({ publicKey }) => signatures.some(({ key }) => key.publicKey === publicKey))
  return { head, isSignedByAll }
}
