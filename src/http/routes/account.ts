import { isLinkPage, PAGES_PATH } from '../../core/mail.ts'
import { chooseLocale } from '../../mail/choose-locale.ts'
import { findPageElsewhere } from '../../mail/link-base.ts'
import { layOutDocument } from '../../pages/documents/document.ts'
import { pageFactsOf } from '../../pages/documents/facts-of-service.ts'
import { PAGE_POLICY } from '../../pages/documents/policy.ts'
import { requireScreen } from '../../pages/documents/require-screen.ts'
import { packedFiles } from '../../pages/packed/files.ts'
import { addressOf, type ScreenName, screenNames } from '../../pages/screens.ts'
import { plainRoute, type Route } from '../contract/definition.ts'
import type { HttpContext } from '../environment.ts'
import { servePacked } from '../packed.ts'

const TYPES = { '.css': 'css', '.txt': 'plain' } as const
const FOR_EVER = 'public, max-age=31536000, immutable'

/** The pages for people, and the files that they load. Their script calls the API. */
export const accountRoutes: readonly Route[] = [
  ...screenNames.map(screenRoute),
  ...(Object.keys(packedFiles) as (keyof typeof packedFiles)[]).map(fileRoute),
]

/** Whoever opens the bare address of a service with pages is a person. */
export const rootRoutes: readonly Route[] = [
  plainRoute({
    method: 'GET',
    path: '/',
    access: 'public',
    handle: async (c) => {
      const { settings } = c.get('ctx')
      return c.redirect(requireScreen(settings, 'home'))
    },
  }),
]

function screenRoute(screen: ScreenName): Route {
  return plainRoute({
    method: 'GET',
    path: addressOf(screen),
    access: 'public',
    handle: (c) => answerScreen(c, screen),
  })
}

async function answerScreen(c: HttpContext, screen: ScreenName): Promise<Response> {
  const { settings, identityProviders, locale: accepted } = c.get('ctx')
  // Browsers keep the fragment, which contains the token, when they follow a redirect. So links in mails that
  // were sent before this setting was changed still work.
  const elsewhere = isLinkPage(screen) ? findPageElsewhere(settings, screen) : undefined
  if (elsewhere !== undefined) return c.redirect(elsewhere)
  requireScreen(settings, screen)
  const locale = chooseLocale({ preference: accepted })
  const facts = pageFactsOf({
    settings,
    locale,
    origin: new URL(c.req.url).origin,
    providers: [...identityProviders.keys()],
  })
  c.header('vary', 'Accept-Language', { append: true })
  return c.html(layOutDocument(screen, facts), 200, {
    'content-security-policy': PAGE_POLICY,
    'content-language': locale,
    // A page that opened this one in a window has no hold of it, and cannot replace it by a copy.
    'cross-origin-opener-policy': 'same-origin',
  })
}

/** The name of a file has a digest of its content, so browsers may keep it for ever. */
function fileRoute(name: keyof typeof packedFiles): Route {
  const kind = Object.entries(TYPES).find(([ending]) => name.endsWith(ending))?.[1] ?? 'javascript'
  const file = { type: `text/${kind}; charset=utf-8`, load: packedFiles[name] }
  return plainRoute({
    method: 'GET',
    path: `${PAGES_PATH}/${name}`,
    access: 'public',
    handle: (c) => servePacked(c, file, { 'cache-control': FOR_EVER }),
  })
}
