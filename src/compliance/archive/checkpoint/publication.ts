import * as z from 'zod'
import type { Context } from '../../../context.ts'
import { lazySchema } from '../../../core/answer-schema.ts'
import { tryStored } from '../../../core/json.ts'
import { verifyReceipt } from '../../../crypto/receipt-key.ts'
import { formatEdge, parseEdge } from '../../../tlog/edge.ts'
import { PUBLICATION } from '../format/publication-path.ts'
import type { PublishedLog } from '../format/signed-tree.ts'
import { derivedKeys } from '../keys/log-signers.ts'
import { headMembers, type SignedHeadView } from './checkpoint-view.ts'

type Dependencies = Pick<Context, 'receipts' | 'settings' | 'vaultStatements'>

/** What everybody sees of the archive. */
export interface Publication {
  /** Unix milliseconds. */
  readonly publishedAtMs: number
  readonly view: SignedHeadView
  /** Absent before the first checkpoint of the log is published. */
  readonly log: PublishedLog | undefined
}

interface ReadPublication {
  /** Undefined if no key of this service signed it. */
  readonly publication: Publication | undefined
  /** Whether the newest key of this service signed it, when the service had the keys that it has now. */
  readonly isCurrent: boolean
  /** Identifies this version of the object. */
  readonly etag: string | undefined
}

const stored = lazySchema(() =>
  z.object({
    /** What `describeKeys` gave when it was published. */
    under: z.string(),
    /** Unix milliseconds. */
    published_at: z.int(),
    // A publication of before the log names no keys of it.
    view: z.object({ ...headMembers(), log_keys: z.array(z.string()).default([]) }),
    log: z.object({ note: z.string(), edge: z.string(), cosigned_at: z.int() }).optional(),
  }),
)

/** Describes the keys of this isolate. It changes with `ROOT_KEYS` and `DISTRUSTED_ROOT_KEYS`. */
export const describeKeys = ({ receipts, settings }: Pick<Dependencies, 'receipts' | 'settings'>): string =>
  JSON.stringify([receipts.derived.map(({ key, isTrusted }) => [key.kid, isTrusted]), settings.DISTRUSTED_ROOT_KEYS])

/**
 * Reads the newest publication. It counts only if a trusted root key of this isolate derives the key that has
 * signed it: anyone who can write the vault bucket could otherwise publish a key, or a tree.
 */
export async function readPublication(ctx: Dependencies): Promise<ReadPublication> {
  const object = await ctx.vaultStatements.readVersion(PUBLICATION)
  const findKey = derivedKeys(ctx)
  let by: string | undefined
  const payload =
    object &&
    (await verifyReceipt('latchkey-publication+jws', object.text, (kid) => {
      by = kid
      return findKey(kid)
    }))
  const { data } = stored.schema.safeParse(payload)
  return {
    publication: data && { publishedAtMs: data.published_at, view: data.view, log: data.log && parseLog(data.log) },
    isCurrent: data?.under === describeKeys(ctx) && by === ctx.receipts.publicKey.kid,
    etag: object?.etag,
  }
}

function parseLog(log: { note: string; edge: string; cosigned_at: number }): PublishedLog | undefined {
  const edge = parseEdge(log.edge)
  return edge && { note: log.note, edge, cosignedAtMs: log.cosigned_at }
}

const formatLog = ({ note, edge, cosignedAtMs }: PublishedLog) => ({
  note,
  edge: formatEdge(edge),
  cosigned_at: cosignedAtMs,
})

/**
 * Replaces the publication. Does nothing if it has changed since it was read: of two runs of the cron at
 * once, one could otherwise replace a checkpoint of the log by a smaller one.
 * @param etag of the publication that was read
 */
export async function writePublication(
  ctx: Dependencies,
  { publishedAtMs, view, log }: Publication,
  etag: string | undefined,
): Promise<void> {
  const payload = { under: describeKeys(ctx), published_at: publishedAtMs, view, ...(log && { log: formatLog(log) }) }
  const jws = await ctx.receipts.sign('latchkey-publication+jws', payload)
  await ctx.vaultStatements.replace(PUBLICATION, jws, etag)
}

/** What a location keeps of a publication. */
export interface KeptPublication extends Omit<Publication, 'publishedAtMs'> {
  /** When the stores were read. Unix milliseconds. */
  readonly readAtMs: number
}

/** Formats a publication for the cache of a location. Its entry is named by the keys, so `under` is empty. */
export const formatKept = ({ readAtMs, view, log }: KeptPublication): string =>
  JSON.stringify({ under: '', published_at: readAtMs, view, ...(log && { log: formatLog(log) }) })

/** @returns undefined for a text that is none */
export function parseKept(text: string): KeptPublication | undefined {
  const data = tryStored(stored.schema, text)
  return data && { readAtMs: data.published_at, view: data.view, log: data.log && parseLog(data.log) }
}
