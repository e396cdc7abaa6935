import { decodeJwt } from 'jose'
import * as z from 'zod'
import type { Context } from '../../../context.ts'
import { PUBLICATION } from '../format/publication-path.ts'
import { type BelievedTree, believeTree } from './tree-state.ts'

const published = z.object({ log: z.object({ note: z.string(), edge: z.string() }) })

/**
 * Reads the newest published tree. Its note proves it, so the signature of the publication is not checked: an
 * attacker who can write the vault can withhold the tree, or put an earlier one in its place.
 * @returns with 0 as its segment; undefined if there is none, or no trusted root key version of this isolate
 * signed it
 * @throws TimeLimitError
 */
export async function readPublishedTree({
  ring,
  vaultStatements,
}: Pick<Context, 'ring' | 'vaultStatements'>): Promise<BelievedTree | undefined> {
  const { data } = published.safeParse(payloadOf((await vaultStatements.read(PUBLICATION)) ?? ''))
  return data && (await believeTree({ ring }, { segment: 0, ...data.log }))
}

function payloadOf(jws: string): unknown {
  try {
    return decodeJwt(jws)
  } catch {
    return undefined
  }
}
