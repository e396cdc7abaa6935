import { PAGES_PATH } from '../../core/mail.ts'
import { chooseLocale } from '../../mail/choose-locale.ts'
import { layOutDocument } from '../../pages/document.ts'
import { pageFactsOf } from '../../pages/facts-of-service.ts'
import { packedFiles } from '../../pages/packed/files.ts'
import { PAGE_POLICY } from '../../pages/policy.ts'
import { addressOf, type ScreenName, screenNames } from '../../pages/screens.ts'
import { plainRoute, type Route } from '../contract/definition.ts'
import type { HttpContext } from '../environment.ts'
import { servePacked } from '../packed.ts'

const FOR_EVER = 'public, max-age=31536000, immutable'

/** The pages for people, and the files that they load. Their script calls the API. */
export const accountRoutes: readonly Route[] = [
  ...screenNames.map(screenRoute),
  ...(Object.keys(packedFiles) as (keyof typeof packedFiles)[]).map(fileRoute),
]

function screenRoute(screen: ScreenName): Route {
  return plainRoute({
    method: 'GET',
    path: addressOf(screen),
    access: 'public',
    handle: (c) => answerDocument(c, screen),
  })
}

async function answerDocument(c: HttpContext, screen: ScreenName): Promise<Response> {
  const { settings, identityProviders, locale: acceptLanguage } = c.get('ctx')
  const locale = chooseLocale({ preference: acceptLanguage })
  c.header('vary', 'Accept-Language', { append: true })
  return c.html(
    layOutDocument(screen, pageFactsOf({ settings, locale, providers: [...identityProviders.keys()] })),
    200,
    {
      'content-security-policy': PAGE_POLICY,
      'content-language': locale,
    },
  )
}

/** The name of a file has a digest of its content, so browsers may keep it for ever. */
function fileRoute(name: keyof typeof packedFiles): Route {
  const type = `${name.endsWith('.css') ? 'text/css' : 'text/javascript'}; charset=utf-8`
  const file = { type, load: packedFiles[name] }
  return plainRoute({
    method: 'GET',
    path: `${PAGES_PATH}/${name}`,
    access: 'public',
    handle: (c) => servePacked(c, file, { 'cache-control': FOR_EVER }),
  })
}
