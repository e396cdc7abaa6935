import { GPC_OPT_OUT, type NewConsent } from '../core/consent.ts'
import { acceptConsents, type SentConsent } from '../core/consent-documents.ts'
import type { HttpContext } from './environment.ts'

/**
 * The decisions of a registration: what the person agrees to, and what the browser sends by itself.
 * @throws AppError `validation_failed`, alike for every address
 */
export const registrationConsents = (c: HttpContext, sent: readonly SentConsent[] = []): readonly NewConsent[] => [
  ...acceptConsents(c.get('ctx').settings.CONSENT_DOCUMENTS, sent),
  ...signalledConsents(c),
]

/** The consent decisions that a browser sends by itself: `Sec-GPC: 1` is an opt-out. */
export const signalledConsents = (c: HttpContext): readonly NewConsent[] =>
  c.req.header('sec-gpc') === '1' ? [GPC_OPT_OUT] : []
