import { html } from 'hono/html'
import type { Locale } from '../core/mail.ts'
import { type Action, addresses, pages, type SignInOffer } from './actions.ts'
import { qrScript, script } from './assets.ts'
import { layOutAction } from './layout-action.ts'
import { layOutHead, unbroken } from './layout-head.ts'
import { layOutContent } from './layout-security.ts'
import { pageWords } from './words/by-locale.ts'
import type { ActionViewWords, PageLanguage, PageName, ViewWords } from './words/words.ts'

interface PageOptions {
  readonly productName: string
  readonly passwordMinLength: number
  readonly locale: Locale
  /** Names of the providers for sign-in. */
  readonly providers: readonly string[]
  readonly offers: ReadonlySet<SignInOffer>
}

/**
 * A page as HTML, with all its states; the script shows one at a time. There is no inline script or style and
 * nothing from another origin. The browser sends no form by itself.
 */
export function layOutPage(page: PageName, options: PageOptions) {
  const { productName, passwordMinLength, locale } = options
  const words = pageWords[locale]({ product: productName, passwordMinLength })
  const { withToken, withoutToken, withRequest, withoutRequest } = pages[page]
  const title = words.pages[page].ask.heading
  return html`${layOutHead({ title, productName, locale, scripts: scriptsOf(page) })}
<body>
<main data-product="${productName}" data-with-token="${withToken}" data-without-token="${withoutToken}" ${withRequest !== undefined && html`data-with-request="${withRequest}" data-without-request="${withoutRequest}"`}>
<p class="product">${productName}</p>
<noscript><h1>${unbroken(title)}</h1><p>${words.needsScript}</p></noscript>
${layOutViews(page, { ...options, words })}
${Object.entries({ ...words.messages, ...words.notices, ...words.passwordReasons }).map(
  ([name, text]) => html`<template data-message="${name}">${text}</template>\n`,
)}
</main>
</body>
</html>
`
}

/** Only the page that shows a secret needs the encoder of QR codes. */
const scriptsOf = (page: PageName) => [script.path, ...(page === 'sign-in' ? [qrScript.path] : [])]

type ViewOptions = Pick<PageOptions, 'passwordMinLength' | 'providers' | 'offers'> & { readonly words: PageLanguage }

/**
 * The states of a page: first those in which it can open, then, in a live region for screen readers, those
 * that follow an action.
 */
function layOutViews(page: PageName, options: ViewOptions) {
  const { words } = options
  const { withToken, withoutToken, withRequest, withoutRequest } = pages[page]
  const actions: Readonly<Record<string, Action>> = pages[page].actions
  const views = Object.entries<ViewWords | ActionViewWords>(words.pages[page])
  const first: readonly (string | undefined)[] = [withToken, withoutToken, withRequest, withoutRequest]
  const isFirst = (name: string) => first.includes(name)
  const layOut = ([
    name,
    view,
  ]: (typeof views)[number]) => html`<section data-view="${name}" ${layOutAddress(page, name)} hidden>
<h1 tabindex="-1">${unbroken(view.heading)}</h1>
${view.text.map((paragraph) => html`<p>${unbroken(paragraph)}</p>\n`)}
${layOutContent(name, words, options.offers)}
${'action' in view && layOutAction(name, actions[name], { ...options, label: view.action })}
</section>
`
  return html`${views.filter(([name]) => isFirst(name)).map(layOut)}
<div aria-live="polite">
${views.filter(([name]) => !isFirst(name)).map(layOut)}
</div>`
}

function layOutAddress(page: PageName, view: string) {
  const address = addresses[page]?.[view]
  return address !== undefined && html`data-path="${address}"`
}
