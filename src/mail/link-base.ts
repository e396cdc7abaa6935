import { type LinkPage, PAGES_PATH } from '../core/mail.ts'
import type { Settings } from '../core/settings.ts'

type LinkSettings = Pick<Settings, 'MAIL_LINK_BASE' | 'ISSUER'>

/** The base of links in mails: the operator's own pages, or the pages of this service. */
export const linkBaseOf = ({ MAIL_LINK_BASE, ISSUER }: LinkSettings): string => MAIL_LINK_BASE ?? ISSUER + PAGES_PATH

/**
 * The address of the operator's page that replaces a page of this service; undefined if this service shows
 * its own. The page for signing in is never replaced, because people sign in there without a mail as well.
 */
export function findPageElsewhere(settings: LinkSettings, page: LinkPage): string | undefined {
  const base = linkBaseOf(settings)
  return base === settings.ISSUER + PAGES_PATH || page === 'sign-in' ? undefined : `${base}/${page}`
}
