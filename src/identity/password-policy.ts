import type { Context } from '../context.ts'
import { AppError } from '../core/errors.ts'
import type { Settings } from '../core/settings.ts'
import { isBreachedPassword } from './breached-passwords.ts'
import { isCommonPassword } from './common-passwords.ts'
import type { EmailAddress } from './email/email-address.ts'

const MAX_BYTES = 1024

/** The name of this software. A deployment may have another product name. */
const SERVICE_NAME = 'latchkey'

/** Shorter parts of a name or address occur in too many good passwords to forbid them. */
const MIN_CONTEXT_LENGTH = 4

interface PolicyChecking extends Pick<Context, 'outbound'> {
  readonly settings: Pick<Settings, 'PASSWORD_MIN_LENGTH' | 'BREACH_CHECK' | 'BREACH_CHECK_URL' | 'PRODUCT_NAME'>
}

interface PasswordContext {
  readonly email: EmailAddress
  readonly fullName?: string | null | undefined
}

/**
 * Refuses a password that is too short, longer than the hash accepts, or contains known details of its owner
 * (ASVS 6.2.1, 6.2.4, 6.2.8). Also refuses a common password and, if the check is on, a breached one (ASVS
 * 6.2.12). There are no composition rules (ASVS 6.2.5).
 * @throws AppError `validation_failed` at `pointer`
 */
export async function assertAcceptablePassword(
  ctx: PolicyChecking,
  password: string,
  owner: PasswordContext,
  pointer = '/password',
): Promise<void> {
  const { PASSWORD_MIN_LENGTH, PRODUCT_NAME } = ctx.settings
  const refuse = (detail: string) => new AppError('validation_failed', { errors: [{ pointer, detail }] })
  const text = password.normalize('NFC')
  if ([...text].length < PASSWORD_MIN_LENGTH) throw refuse(`must have at least ${PASSWORD_MIN_LENGTH} characters`)
  if (new TextEncoder().encode(text).length > MAX_BYTES) throw refuse(`must have at most ${MAX_BYTES} bytes`)
  if (containsContext(text, owner, PRODUCT_NAME))
    throw refuse('must not contain your e-mail address, your name or the name of this service')
  if (await isCommonPassword(text)) throw refuse('must not be one of the most common passwords')
  if (await isBreachedPassword(ctx, text)) throw refuse('must not be known from a data breach')
}

function containsContext(password: string, { email, fullName }: PasswordContext, productName: string): boolean {
  const haystack = password.toLowerCase()
  const localPart = email.canonical.slice(0, email.canonical.indexOf('@'))
  const names = fullName?.normalize('NFC').toLowerCase().split(/\s+/) ?? []
  const product = productName.normalize('NFC').toLowerCase()
  const parts = [email.canonical, localPart, SERVICE_NAME, product, product.replace(/\s+/g, ''), ...names]
  return parts.some((part) => part.length >= MIN_CONTEXT_LENGTH && haystack.includes(part))
}
