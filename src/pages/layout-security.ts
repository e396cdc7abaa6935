import { html } from 'hono/html'
import type { SignInOffer } from './actions.ts'
import type { TaskName } from './browser/tasks.ts'
import { unbroken } from './layout-head.ts'
import type { SecurityWords } from './words/sign-in-words.ts'
import type { PageLanguage } from './words/words.ts'

// The parts of states of the sign-in page that show a secret, codes or factors. An element with `data-fact`
// is hidden until the script knows that fact. `{value}` in its template is the place of the value.

/** The part of a state between its text and its action. Most states have none. */
export function layOutContent(view: string, words: PageLanguage, offers: ReadonlySet<SignInOffer>) {
  if (view === 'add_totp' || view === 'enrol_totp' || view === 'link_totp') return layOutSecret(words)
  if (view === 'codes') return layOutCodes(words)
  if (view === 'remove_passkey') return fact('chosen', '{value}', 'p', 'chosen')
  return view === 'security' ? layOutSecurity(words, offers) : ''
}

const layOutSecret = ({ security }: PageLanguage) => html`<div class="secret">
<qr-code role="img" aria-label="${security.qrCode}" data-fact="uri" hidden></qr-code>
<p>${security.secret}: ${fact('secret', '{value}', 'code')}</p>
<p><a data-fact="uri" hidden>${security.openApp}</a></p>
</div>
`

const layOutCodes = ({ security }: PageLanguage) => html`<ol class="codes" data-fact="codes" hidden></ol>
<p class="row">
<button class="button other" type="button" data-copy>${security.copyCodes}</button>
<button class="button other" type="button" data-download data-file-name="${security.codesFile}" data-file-heading="${security.codesFileHeading}">${security.downloadCodes}</button>
</p>
${NOTICE}
`

function layOutSecurity({ security }: PageLanguage, offers: ReadonlySet<SignInOffer>) {
  const { reset, password, twoStep, app, codes } = security
  return html`${NOTICE}
<div class="warning" data-fact="reset_due" hidden>
<h2>${reset.heading}</h2>
${fact('reset_due', reset.due)}
${task('cancel-reset', reset.cancel)}
</div>
${fact('used_code_left', security.usedCode, 'p', 'warning')}
<h2>${twoStep.heading}</h2>
${fact('two_step_on', twoStep.on)}
${fact('two_step_since', twoStep.since)}
${fact('two_step_off', twoStep.off)}
${fact('two_step_due', twoStep.due)}
${fact('needs_factor', twoStep.how)}
${task('two-step-on', twoStep.turnOn, 'can_turn_on')}
${go('two_step_off', twoStep.turnOff, 'two_step_on')}
${layOutPasskeys(security, offers)}
<h2>${app.heading}</h2>
${fact('totp_added', app.added)}
${fact('totp_unset', app.unset)}
${task('start-totp', app.add, 'totp_unset')}
${task('start-totp', app.replace, 'totp_set')}
${go('remove_totp', app.remove, 'totp_set')}
<h2>${unbroken(codes.heading)}</h2>
${fact('codes_left', codes.left)}
${fact('codes_made', codes.made)}
${fact('codes_unset', codes.unset)}
${go('new_codes', codes.make, 'can_make_codes')}
<h2>${password.heading}</h2>
${fact('password_set', password.set)}
${fact('password_changed', password.changed)}
${fact('password_unset', password.unset)}
${fact('providers', password.providers)}
<p><a href="/account/forgot-password">${password.change}</a></p>
<div class="end">${task('sign-out', security.signOut)}</div>`
}

/** A browser or a service without passkeys shows those that the account has, and adds none. */
const layOutPasskeys = (
  { passkeys }: SecurityWords,
  offers: ReadonlySet<SignInOffer>,
) => html`<h2>${passkeys.heading}</h2>
<p>${passkeys.about}</p>
${fact('no_passkeys', passkeys.unset)}
<ul class="rows" data-rows="passkeys" hidden>
<template>
<li>
<h3>${rowFact('name', '{value}')}${rowFact('unnamed_passkey', passkeys.passkey)}${rowFact('unnamed_key', passkeys.key)}</h3>
${rowFact('suspended', passkeys.suspended, 'p', 'problem')}
${rowFact('other_domain', passkeys.otherDomain, 'p', 'problem')}
<p class="hint">${rowFact('provider', passkeys.provider)} ${rowFact('added', passkeys.added)} ${rowFact('used', passkeys.used)} ${rowFact('unused', passkeys.unused)} ${rowFact('synced', passkeys.synced)} ${rowFact('second_factor_only', passkeys.secondFactorOnly)}</p>
<p class="row"><button class="button other" type="button" data-go="rename_passkey">${passkeys.rename}</button> <button class="button other" type="button" data-go="remove_passkey">${passkeys.remove}</button></p>
</li>
</template>
</ul>
${
  offers.has('passkeys') &&
  html`${task('add-passkey', passkeys.add, 'has_passkeys')}
${task('add-security-key', passkeys.addKey, 'has_passkeys')}`
}`

/** An element of a row. */
const rowFact = (name: string, template: string, element: 'span' | 'p' = 'span', style = '') =>
  element === 'p'
    ? html`<p class="${style}" data-row-fact="${name}" data-template="${template}" hidden></p>`
    : html`<span data-row-fact="${name}" data-template="${template}" hidden></span>`

/** A screen reader reads what is written here. */
const NOTICE = html`<p class="notice" role="status" data-notice></p>`

/** An element that shows a fact. */
const fact = (name: string, template: string, element: 'p' | 'code' = 'p', style = '') =>
  element === 'p'
    ? html`<p ${style !== '' && html`class="${style}"`} data-fact="${name}" data-template="${template}" hidden></p>`
    : html`<code data-fact="${name}" data-template="${template}" hidden></code>`

/** A button that sends a request. @param needed the fact without which it is hidden */
const task = (name: TaskName, label: string, needed?: string) =>
  html`<form method="post" novalidate data-task="${name}" ${needed !== undefined && html`data-fact="${needed}" hidden`}>
<p class="problem" role="alert" data-form-problem></p>
<button class="button other" type="submit">${label}</button>
</form>`

/** A button that shows another state. */
const go = (view: string, label: string, needed: string) =>
  html`<p data-fact="${needed}" hidden><button class="button other" type="button" data-go="${view}">${label}</button></p>`
