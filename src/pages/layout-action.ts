import { html } from 'hono/html'
import type { Action, FieldName } from './actions.ts'
import type { PageLanguage } from './words/words.ts'

interface ActionOptions {
  readonly label: string
  readonly words: PageLanguage
  readonly passwordMinLength: number
  /** Names of the providers for sign-in. */
  readonly providers: readonly string[]
}

/**
 * The form or link of a state. The form's method is `post`, in case the script fails: with `get`, the
 * password would be in the address.
 */
export function layOutAction(view: string, action: Action | undefined, options: ActionOptions) {
  if (action === undefined) return ''
  const { label, words } = options
  if (action.kind === 'link') return html`<p><a class="button" href="${action.href}">${label}</a></p>`
  const { task, fields, forgotPassword, offersProviders } = action
  return html`<form method="post" novalidate data-task="${task}">
${fields.map((field) => layOutField(`${view}-${field}`, field, options))}
<p class="problem" role="alert" data-form-problem></p>
<button class="button" type="submit">${label}</button>
${forgotPassword && html`<p class="aside"><a href="${forgotPassword}">${words.forgotPassword}</a></p>`}
${offersProviders && options.providers.map((provider) => layOutProvider(provider, words))}
</form>`
}

const layOutProvider = (provider: string, words: PageLanguage) =>
  html`<p class="aside"><button class="button other" type="button" data-provider="${provider}">${words.signInWith.replace('{provider}', () => provider)}</button></p>\n`

function layOutField(id: string, field: FieldName, { words, passwordMinLength }: ActionOptions) {
  const isNew = field === 'new_password'
  const label = { email: words.email, password: words.password, new_password: words.newPassword }[field]
  const described = isNew ? `${id}-hint ${id}-problem` : `${id}-problem`
  return html`<div class="field">
<label for="${id}">${label}</label>
${isNew && html`<p class="hint" id="${id}-hint">${words.newPasswordHint}</p>`}
<input id="${id}" name="${field}" ${INPUTS[field]} required spellcheck="false" autocapitalize="none" aria-describedby="${described}" ${isNew && html`data-min-length="${passwordMinLength}"`}>
<p class="problem" id="${id}-problem" data-problem-of="${field}"></p>
${field !== 'email' && html`<label class="reveal"><input type="checkbox" data-reveals="${id}">${words.showPassword}</label>`}
</div>
`
}

/** Attributes that tell browsers and password managers what to fill in (WCAG 1.3.5). */
const INPUTS = {
  email: html`type="email" autocomplete="username"`,
  password: html`type="password" autocomplete="current-password"`,
  new_password: html`type="password" autocomplete="new-password"`,
} as const satisfies Record<FieldName, unknown>
