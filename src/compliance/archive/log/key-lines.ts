import type { Archiving } from '../../../context.ts'
import type { Distrust } from '../../../core/distrust.ts'
import type { LogHead } from '../format/log-head.ts'
import type { RecordedDistrust } from '../format/signed-head.ts'
import { signKeyChange } from '../keys/key-endorsement.ts'
import { findEndorsedKid } from '../keys/published-keys.ts'
import type { EventLine } from '../lines/to-lines.ts'
import { logLine } from './log-line.ts'

/** What the next segment says about keys. */
export interface KeyLines {
  readonly lines: readonly EventLine[]
  /** For the checkpoint of that segment: what is recorded once is not recorded again. */
  readonly distrusted: readonly RecordedDistrust[]
}

/**
 * Makes the lines with which the next segment says that another key signs from here on, and which keys no
 * longer count. The signed checkpoint carries what was recorded, so no attacker who can write a store can
 * suppress such a line or have it repeated.
 */
export async function keyLines(
  ctx: Archiving,
  head: Pick<LogHead, 'sequence' | 'kid' | 'distrusted'>,
): Promise<KeyLines> {
  const recorded = head.distrusted ?? []
  const fresh: RecordedDistrust[] = []
  for (const distrust of ctx.settings.DISTRUSTED_ROOT_KEYS) {
    if (recorded.some((one) => isSame(one, distrust))) continue
    const { version, sequence: above = head.sequence } = distrust
    fresh.push({ kid: await findKid(ctx, version), version, above })
  }
  const changed = head.kid === ctx.receipts.publicKey.kid ? [] : [await changeLine(ctx, head)]
  const distrusts = fresh.map((detail) => logLine(ctx.now, 'log.key_distrusted', detail))
  return { lines: [...changed, ...distrusts], distrusted: [...recorded, ...fresh] }
}

/** Without a position in the settings, the one at which the distrust was first seen stays. */
const isSame = (one: RecordedDistrust, { version, sequence }: Distrust): boolean =>
  one.version === version && (sequence === undefined || one.above === sequence)

async function findKid(ctx: Archiving, version: number): Promise<string | null> {
  const derived = ctx.receipts.derived.find((one) => one.version === version)
  return derived?.key.kid ?? (await findEndorsedKid(ctx, version)) ?? null
}

/** A distrusted key endorses nothing: an attacker who has it too could do so as well. */
async function changeLine(ctx: Archiving, { sequence, kid }: Pick<LogHead, 'sequence' | 'kid'>): Promise<EventLine> {
  const { receipts, now } = ctx
  const { publicKey: key, derived } = receipts
  const version = derived.find((one) => one.key.kid === key.kid)?.version ?? null
  const isEndorsed = derived.some((one) => one.isTrusted && one.key.kid === kid)
  const endorsement = isEndorsed
    ? await signKeyChange(receipts, { key, version, by: kid, sequence: sequence + 1 }, now)
    : null
  return logLine(now, 'log.key_changed', { from: kid, to: key.kid, version, endorsement })
}
