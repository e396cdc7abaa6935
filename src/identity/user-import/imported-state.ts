import * as z from 'zod'
import { LONGEST_GRACE_DAYS } from '../../core/lifetimes.ts'
import { DAY_MS } from '../../core/time.ts'

/** The state of an account in the system that it is imported from. Times are Unix milliseconds. */
export interface ImportedState {
  readonly status: 'active' | 'suspended' | 'deleted'
  /** A deleted account may have one too. It is suspended again when it is restored. */
  readonly suspension: { readonly sinceMs: number; readonly untilMs: number | null } | undefined
  readonly isResetRequired: boolean
  readonly deletion: ImportedDeletion | undefined
  readonly legalHold: { readonly reason: string; readonly placedAtMs: number } | undefined
  /** Since when the owner uses a second factor that moves; undefined: none moves. */
  readonly twoStepAtMs: number | undefined
  /** From when on the account needs a second factor; undefined: an import does not say. */
  readonly twoStepDueAtMs: number | undefined
}

export interface ImportedDeletion {
  readonly requestedAtMs: number
  /** Undefined if the line has no such time: then the grace period begins with the import. */
  readonly purgeAfterMs: number | undefined
  readonly basis: 'user_request' | 'operator_request'
}

/** A time from 1970 on, in RFC 3339 with an offset, parsed to Unix milliseconds. */
export const importedTime = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .pipe(z.number().min(0))

const holdReason = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text.isWellFormed() && !text.includes('\0'))

/** A secret of at least 128 bits (RFC 4226 section 4, R6), base32 without padding. */
const totpSecret = z.string().regex(/^[A-Z2-7]{26,64}$/)

/** The members have the same names as in an export of this service. Null is the same as absent. */
export const importedStateSchemas = {
  status: z.enum(['active', 'suspended', 'deleted']).default('active'),
  suspended_at: importedTime.nullish(),
  suspended_until: importedTime.nullish(),
  password_reset_required: z.boolean().default(false),
  deleted_at: importedTime.nullish(),
  purge_after: importedTime.nullish(),
  erasure_basis: z.enum(['user_request', 'operator_request']).nullish(),
  legal_hold: z.strictObject({ reason: holdReason, placed_at: importedTime }).nullish(),
  two_step_at: importedTime.nullish(),
  two_step_due_at: importedTime.nullish(),
  totp_secret: totpSecret.nullish(),
} as const

type StateMembers = z.infer<z.ZodObject<typeof importedStateSchemas>>
type StateMember = keyof StateMembers

/**
 * Checks the members against each other.
 * @returns the name of a member that contradicts another, or that must not be in the future
 */
export function toImportedState(members: StateMembers, now: number): ImportedState | StateMember {
  const { status, suspended_at, suspended_until, deleted_at, purge_after, erasure_basis, legal_hold, two_step_at } =
    members
  const isSuspended = status === 'suspended' || (status === 'deleted' && suspended_at != null)
  if (!isSuspended && suspended_at != null) return 'suspended_at'
  if (!isSuspended && suspended_until != null) return 'suspended_until'
  if (status !== 'deleted') {
    const misplaced = (['deleted_at', 'purge_after', 'erasure_basis'] as const).find((name) => members[name] != null)
    if (misplaced !== undefined) return misplaced
  }
  if ((suspended_at ?? 0) > now) return 'suspended_at'
  if ((deleted_at ?? 0) > now) return 'deleted_at'
  if ((legal_hold?.placed_at ?? 0) > now) return 'legal_hold'
  if ((two_step_at ?? 0) > now) return 'two_step_at'
  // An import must not postpone an erasure for ever.
  if ((purge_after ?? 0) > now + LONGEST_GRACE_DAYS * DAY_MS) return 'purge_after'
  // A suspension that has expired is over, as for every other account.
  const isOver = suspended_until != null && suspended_until <= now
  return {
    status: status === 'suspended' && isOver ? 'active' : status,
    suspension: isSuspended && !isOver ? { sinceMs: suspended_at ?? now, untilMs: suspended_until ?? null } : undefined,
    isResetRequired: members.password_reset_required,
    deletion:
      status === 'deleted'
        ? {
            requestedAtMs: deleted_at ?? now,
            purgeAfterMs: purge_after ?? undefined,
            basis: erasure_basis ?? 'user_request',
          }
        : undefined,
    twoStepAtMs: members.totp_secret == null ? undefined : (two_step_at ?? undefined),
    twoStepDueAtMs: twoStepDueAt(members, now),
    legalHold: legal_hold ? { reason: legal_hold.reason, placedAtMs: legal_hold.placed_at } : undefined,
  }
}

/**
 * If a second factor was in use and does not move, another one is due at once: its owner adds it at the next
 * sign-in.
 */
function twoStepDueAt({ two_step_at, two_step_due_at, totp_secret }: StateMembers, now: number): number | undefined {
  const isLost = two_step_at != null && totp_secret == null
  return isLost ? Math.min(now, two_step_due_at ?? now) : (two_step_due_at ?? undefined)
}
