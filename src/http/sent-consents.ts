import { GPC_OPT_OUT, type NewConsent } from '../core/consent.ts'
import type { SentConsent, SentConsents } from '../core/consent-documents.ts'
import type { HttpContext } from './environment.ts'

/**
 * The consents of a registration: the body has what the person agrees to, a header what the browser decides.
 */
export const sentConsents = (c: HttpContext, agreed: readonly SentConsent[] = []): SentConsents => ({
  agreed,
  signalled: signalledConsents(c),
})

/** The consent decisions that a browser sends by itself: `Sec-GPC: 1` is an opt-out. */
export const signalledConsents = (c: HttpContext): readonly NewConsent[] =>
  c.req.header('sec-gpc') === '1' ? [GPC_OPT_OUT] : []
