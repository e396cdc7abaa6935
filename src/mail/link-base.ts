import { type LinkPage, PAGES_PATH } from '../core/mail.ts'
import type { Settings } from '../core/settings.ts'

type LinkSettings = Pick<Settings, 'MAIL_LINK_BASE' | 'ISSUER'>

/** What links in mails begin with: the operator's own pages, or those of this service. */
export const linkBaseOf = ({ MAIL_LINK_BASE, ISSUER }: LinkSettings): string => MAIL_LINK_BASE ?? ISSUER + PAGES_PATH

/**
 * Address of the operator's page in place of one of this service; undefined where this service shows its own.
 * No mail leads to the form for a forgotten password, so that one stays here.
 */
export function findPageElsewhere(settings: LinkSettings, page: LinkPage | 'forgot-password'): string | undefined {
  const base = linkBaseOf(settings)
  return base === settings.ISSUER + PAGES_PATH || page === 'forgot-password' ? undefined : `${base}/${page}`
}
