import { type LinkPage, PAGES_PATH } from '../core/mail.ts'
import type { Settings } from '../core/settings.ts'

type LinkSettings = Pick<Settings, 'MAIL_LINK_BASE' | 'ISSUER'>

/** The base of links in mails: the operator's own pages, or the pages of this service. */
export const linkBaseOf = ({ MAIL_LINK_BASE, ISSUER }: LinkSettings): string => MAIL_LINK_BASE ?? ISSUER + PAGES_PATH

/**
 * The address of the operator's page that replaces a page of this service; undefined if this service shows
 * its own. The page for a forgotten password is never replaced, because no mail links to it. Nor is the page
 * for signing in, where people also manage their factors.
 */
export function findPageElsewhere(settings: LinkSettings, page: LinkPage | OwnPage): string | undefined {
  const base = linkBaseOf(settings)
  const isOwn = page === 'forgot-password' || page === 'sign-in'
  return base === settings.ISSUER + PAGES_PATH || isOwn ? undefined : `${base}/${page}`
}

/** A page that this service shows in any case. */
type OwnPage = 'forgot-password' | 'sign-in'
