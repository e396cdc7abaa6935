import { html } from 'hono/html'
import type { Action, FieldName, OtherTask, OtherView, SignInOffer } from './actions.ts'
import type { PageLanguage } from './words/words.ts'

interface ActionOptions {
  readonly label: string
  readonly words: PageLanguage
  readonly passwordMinLength: number
  /** Names of the providers for sign-in. */
  readonly providers: readonly string[]
  readonly offers: ReadonlySet<SignInOffer>
}

/**
 * The form or link of a state. The form's method is `post`, in case the script fails: with `get`, the
 * password would be in the address.
 */
export function layOutAction(view: string, action: Action | undefined, options: ActionOptions) {
  if (action === undefined) return ''
  const { label, words } = options
  if (action.kind === 'link') return html`<p><a class="button" href="${action.href}">${label}</a></p>`
  const { task, fields, forgotPassword, providerTask, others = [] } = action
  const otherTasks = (action.otherTasks ?? []).filter(({ needs }) => options.offers.has(needs))
  // Browsers offer passkeys in the field for the name.
  const hasAutofill = otherTasks.some(({ task }) => task === 'sign-in-with-passkey')
  return html`<form method="post" novalidate data-task="${task}" ${providerTask !== undefined && html`data-provider-task="${providerTask}"`}>
${fields.map((field) => layOutField(`${view}-${field}`, field, { ...options, hasAutofill }))}
<p class="problem" role="alert" data-form-problem></p>
<button class="button" type="submit">${label}</button>
${forgotPassword && html`<p class="aside"><a href="${forgotPassword}">${words.forgotPassword}</a></p>`}
${otherTasks.map((other) => layOutOtherTask(other, words))}
${providerTask !== undefined && options.providers.map((provider) => layOutProvider(provider, words))}
${others.map((other) => layOutOther(other, words))}
</form>`
}

const layOutProvider = (provider: string, words: PageLanguage) =>
  html`<p class="aside"><button class="button other" type="button" data-provider="${provider}">${words.signInWith.replace('{provider}', () => provider)}</button></p>\n`

/** A browser without passkeys shows no button for them. */
const layOutOtherTask = ({ task, label, fields, needs, fact = 'has_passkeys' }: OtherTask, words: PageLanguage) =>
  html`<p class="aside" ${needs === 'passkeys' && html`data-fact="${fact}" hidden`}><button class="button other" type="submit" data-task="${task}" data-fields="${fields.join(' ')}">${words.buttons[label]}</button></p>\n`

const layOutOther = ({ view, label, fact }: OtherView, words: PageLanguage) =>
  html`<p class="aside" ${fact !== undefined && html`data-fact="${fact}" hidden`}><button class="button other" type="button" data-go="${view}">${words.buttons[label]}</button></p>\n`

type FieldOptions = Pick<ActionOptions, 'words' | 'passwordMinLength'> & { readonly hasAutofill: boolean }

function layOutField(id: string, field: FieldName, { words, passwordMinLength, hasAutofill }: FieldOptions) {
  const isNew = field === 'new_password'
  const input = field === 'email' && hasAutofill ? EMAIL_OR_PASSKEY : INPUTS[field]
  const { label, hint } = labelsOf(field, words)
  const described = hint === undefined ? `${id}-problem` : `${id}-hint ${id}-problem`
  return html`<div class="field">
<label for="${id}">${label}</label>
${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}
<input id="${id}" name="${field}" ${input} required spellcheck="false" autocapitalize="none" aria-describedby="${described}" ${isNew && html`data-min-length="${passwordMinLength}"`}>
<p class="problem" id="${id}-problem" data-problem-of="${field}"></p>
${field.endsWith('password') && html`<label class="reveal"><input type="checkbox" data-reveals="${id}">${words.showPassword}</label>`}
</div>
`
}

function labelsOf(field: FieldName, words: PageLanguage): { label: string; hint?: string } {
  switch (field) {
    case 'email':
      return { label: words.email }
    case 'password':
      return { label: words.password }
    case 'new_password':
      return { label: words.newPassword, hint: words.newPasswordHint }
    case 'totp':
    case 'code':
      return { label: words.totp, hint: words.totpHint }
    case 'recovery_code':
      return { label: words.recoveryCode, hint: words.recoveryCodeHint }
    case 'name':
      return { label: words.passkeyName }
    case 'mail_code':
      return { label: words.mailCode, hint: words.mailCodeHint }
  }
}

/** Attributes that tell browsers and password managers what to fill in (WCAG 1.3.5). */
const INPUTS = {
  email: html`type="email" autocomplete="username"`,
  password: html`type="password" autocomplete="current-password"`,
  new_password: html`type="password" autocomplete="new-password"`,
  totp: html`type="text" inputmode="numeric" autocomplete="one-time-code" data-is-code`,
  code: html`type="text" inputmode="numeric" autocomplete="one-time-code" data-is-code`,
  recovery_code: html`type="text" autocomplete="off" data-is-code`,
  name: html`type="text" autocomplete="off" maxlength="64" data-fact="chosen"`,
  mail_code: html`type="text" inputmode="numeric" autocomplete="off" data-is-code`,
} as const satisfies Record<FieldName, unknown>

const EMAIL_OR_PASSKEY = html`type="email" autocomplete="username webauthn"`
