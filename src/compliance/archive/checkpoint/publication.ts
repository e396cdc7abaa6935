import * as z from 'zod'
import type { Context } from '../../../context.ts'
import { lazySchema } from '../../../core/answer-schema.ts'
import { verifyReceipt } from '../../../crypto/receipt-key.ts'
import { checkpointView } from './checkpoint-view.ts'

type Dependencies = Pick<Context, 'receipts' | 'settings' | 'vaultStatements'>

/** The path of the newest publication in the vault bucket: objects of the archive are never replaced. */
export const PUBLICATION = 'log/publication'

const publication = lazySchema(() =>
  z.object({
    /** What `describeKeys` gave when it was published. */
    under: z.string(),
    /** Unix milliseconds. */
    published_at: z.int(),
    view: checkpointView.schema,
  }),
)
export type Publication = z.output<typeof publication.schema>

/** Describes the keys of this isolate. It changes with `ROOT_KEYS` and `DISTRUSTED_ROOT_KEYS`. */
export const describeKeys = ({ receipts, settings }: Pick<Dependencies, 'receipts' | 'settings'>): string =>
  JSON.stringify([receipts.derived.map(({ key, isTrusted }) => [key.kid, isTrusted]), settings.DISTRUSTED_ROOT_KEYS])

/**
 * Reads the newest publication. It counts only if the key that this service signs with has signed it: anyone
 * who can write the vault bucket could otherwise publish a key.
 * @returns undefined if there is none, and after the keys of the service have changed
 */
export async function readPublication(ctx: Dependencies): Promise<Publication | undefined> {
  const { publicKey } = ctx.receipts
  const jws = await ctx.vaultStatements.read(PUBLICATION)
  if (jws === undefined) return undefined
  const payload = await verifyReceipt('latchkey-publication+jws', jws, async () => publicKey)
  const published = publication.schema.safeParse(payload).data
  return published?.under === describeKeys(ctx) ? published : undefined
}
