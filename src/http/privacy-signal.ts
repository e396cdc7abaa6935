import { GPC_OPT_OUT, type NewConsent } from '../core/consent.ts'
import type { HttpContext } from './environment.ts'

/** The consent decisions that a browser sends by itself: `Sec-GPC: 1` is an opt-out. */
export const signalledConsents = (c: HttpContext): readonly NewConsent[] =>
  c.req.header('sec-gpc') === '1' ? [GPC_OPT_OUT] : []
