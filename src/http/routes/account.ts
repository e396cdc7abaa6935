import { chooseLocale } from '../../mail/choose-locale.ts'
import { findPageElsewhere } from '../../mail/link-base.ts'
import { addresses, pages, pathOf } from '../../pages/actions.ts'
import type { Asset } from '../../pages/asset.ts'
import { qrScript, script, sheet } from '../../pages/assets.ts'
import { layOutPage } from '../../pages/layout.ts'
import { PAGE_POLICY } from '../../pages/policy.ts'
import { signInOffersOf } from '../../pages/sign-in-offers.ts'
import type { PageName } from '../../pages/words/words.ts'
import { plainRoute, type Route } from '../contract/definition.ts'
import type { HttpContext } from '../environment.ts'

const FOR_EVER = 'public, max-age=31536000, immutable'

/** The pages that links in mails open. Their script calls the API. */
export const accountRoutes: readonly Route[] = [
  ...(Object.keys(pages) as PageName[]).map(pageRoute),
  ...Object.values(addresses['sign-in'] ?? {}).map(signInFirstRoute),
  assetRoute(script, 'text/javascript'),
  assetRoute(qrScript, 'text/javascript'),
  assetRoute(sheet, 'text/css'),
]

function pageRoute(page: PageName): Route {
  return plainRoute({ method: 'GET', path: pathOf(page), access: 'public', handle: (c) => answerPage(c, page) })
}

async function answerPage(c: HttpContext, page: PageName): Promise<Response> {
  const { settings, identityProviders } = c.get('ctx')
  const locale = chooseLocale({ preference: c.get('ctx').locale })
  const elsewhere = findPageElsewhere(settings, page)
  // Browsers keep the fragment, which contains the token, when they follow a redirect. So links in mails that
  // were sent before this setting was changed still work.
  if (elsewhere !== undefined) return c.redirect(elsewhere)
  const { PRODUCT_NAME: productName, PASSWORD_MIN_LENGTH: passwordMinLength } = settings
  c.header('vary', 'Accept-Language', { append: true })
  return c.html(
    layOutPage(page, {
      productName,
      passwordMinLength,
      locale,
      providers: [...identityProviders.keys()],
      offers: signInOffersOf(settings),
    }),
    200,
    {
      'content-security-policy': PAGE_POLICY,
      'content-language': locale,
    },
  )
}

/**
 * A state of a page that needs a sign-in: only its script shows it, and a reload forgets who is signed in.
 */
function signInFirstRoute(path: string): Route {
  return plainRoute({ method: 'GET', path, access: 'public', handle: async (c) => c.redirect(pathOf('sign-in')) })
}

function assetRoute({ path, text }: Asset, type: string): Route {
  const headers = { 'content-type': `${type}; charset=utf-8`, 'cache-control': FOR_EVER }
  return plainRoute({ method: 'GET', path, access: 'public', handle: async (c) => c.body(text, 200, headers) })
}
