import { passkeysOfBrowser } from './authenticator.ts'
import { offerAutofill, stopAutofill } from './autofill.ts'
import { copyCodes, downloadCodes } from './codes.ts'
import { forgetFacts, showFacts } from './facts.ts'
import { onReset, onReveal, readValues } from './forms.ts'
import { keptRequest } from './kept-request.ts'
import { endSession, type Memory, type OpenPage } from './memory.ts'
import type { Facts, TaskOutcome } from './outcome.ts'
import { clearProblems, findFieldProblems, messageOf, sayFieldProblems, sayProblem } from './problems.ts'
import { leaveFor, type Return, takeReturn } from './provider.ts'
import { send } from './send.ts'
import { type Task, tasks } from './tasks.ts'
import { firstView, moveToView, showView, viewOf } from './views.ts'

const returned = takeReturn()
const token = returned?.token ?? takeToken()
const memory: Memory = {}
const passkeys = passkeysOfBrowser(stopAutofill)
const { lang: language } = document.documentElement
const page: OpenPage = { send, memory, token, language, passkeys, requests: keptRequest }
const hasRequest = keptRequest.read() !== undefined
/** What is shown without a session. */
const ofBrowser: Facts = { has_passkeys: passkeys && '', has_request: hasRequest ? '' : undefined }

/** The form whose request a step-up interrupted. */
let interrupted: HTMLFormElement | undefined

showFacts(ofBrowser)
showView(firstView(token, hasRequest))
for (const form of document.forms) {
  form.addEventListener('submit', onSubmit)
  form.addEventListener('reset', onReset)
}
for (const box of document.querySelectorAll<HTMLInputElement>('[data-reveals]'))
  box.addEventListener('change', onReveal)
onClick('[data-provider]', ({ dataset }) => void leaveFor(dataset.provider ?? '', token))
onClick('[data-copy]', (button) => void copyCodes(button))
onClick('[data-download]', downloadCodes)
// Also the buttons of rows, which come later.
document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element && target.closest<HTMLElement>('[data-go]')
  if (button) go(button)
})
if (returned) goOn(returned)
// The user opened another link while this page was open: only the fragment changed.
addEventListener('hashchange', () => location.reload())
// Going back from the signed-in state, or leaving the page, ends its session.
addEventListener('popstate', () => {
  leave()
  offerPasskeys()
})
addEventListener('pagehide', leave)
// Also after going back to this document.
addEventListener('pageshow', offerPasskeys)

function onClick(selector: string, act: (button: HTMLElement) => void): void {
  for (const button of document.querySelectorAll<HTMLElement>(selector))
    button.addEventListener('click', () => act(button))
}

/** Shows another state without a request. It cancels an interrupted request, unless it is for its step-up. */
function go({ dataset: { go: view = '', row, rowName } }: HTMLElement): void {
  if (!view.startsWith('step_up_')) {
    interrupted = undefined
    memory.interrupted = undefined
  }
  if (row !== undefined) {
    memory.chosen = row
    showFacts({ chosen: rowName })
  }
  moveToView(view)
  offerPasskeys()
}

/**
 * Reads the token and removes it from the address bar, so that it is not in the history, in bookmarks or in
 * shared links.
 */
function takeToken(): string {
  const { hash, pathname, search } = location
  if (hash !== '') history.replaceState(null, '', pathname + search)
  return new URLSearchParams(hash.slice(1)).get('token') ?? ''
}

function leave(): void {
  stopAutofill()
  const { session } = memory
  for (const name of Object.keys(memory) as (keyof Memory)[]) delete memory[name]
  if (session === undefined) return
  void endSession(page, session.refreshToken)
  // The browser may show this document again: it must not show what the session showed.
  for (const form of document.forms) form.reset()
  forgetFacts()
  showFacts(ofBrowser)
  moveToView(firstView('', false))
}

/** Offers passkeys for filling in, where the page shows a field for it. */
function offerPasskeys(): void {
  offerAutofill(page, (form, task) => void run(form, task))
}

function onSubmit(event: SubmitEvent): void {
  event.preventDefault()
  const { currentTarget: form, submitter } = event
  if (!(form instanceof HTMLFormElement) || form.ariaBusy === 'true') return
  // A second button of the form sends another task, with some of the fields or none.
  const { task = form.dataset.task, fields } = submitter?.dataset ?? {}
  clearProblems(form)
  const values = readValues(form, fields?.split(' '))
  const problems = findFieldProblems(form, Object.keys(values))
  if (problems.length > 0) sayFieldProblems(form, problems)
  else void run(form, () => taskNamed(task)(page, values))
}

/** Performs a task, unless the form waits for another one, and shows the outcome. */
async function run(form: HTMLFormElement, task: () => Promise<TaskOutcome>): Promise<void> {
  if (form.ariaBusy === 'true') return
  form.ariaBusy = 'true'
  const outcome = await task()
  // First, because a screen reader may ignore changes in a region that is marked as busy.
  form.ariaBusy = null
  show(form, outcome)
  offerPasskeys()
}

/** Completes a form after the user comes back from a provider. */
function goOn({ exchange, error }: Return): void {
  const form = document.querySelector<HTMLElement>('[data-provider]')?.closest('form')
  if (!form) return
  void run(form, async () =>
    exchange
      ? taskNamed(form.dataset.providerTask)(page, exchange)
      : { kind: 'message', name: error === 'invalid_credentials' ? 'not_linked' : 'provider_failed' },
  )
}

function taskNamed(wanted: string | undefined): Task {
  const task = Object.entries(tasks).find(([name]) => name === wanted)?.[1]
  return task ?? (async () => ({ kind: 'message', name: 'failed' }))
}

function show(form: HTMLFormElement, outcome: TaskOutcome): void {
  if (outcome.kind === 'view') {
    form.reset()
    if (outcome.name.startsWith('step_up_')) interrupted ??= form
    showFacts(outcome.facts ?? {})
    moveToView(outcome.name)
    sayNotice(outcome.name, outcome.notice)
  } else if (outcome.kind === 'fields') {
    sayFieldProblems(form, outcome.problems)
  } else if (outcome.kind === 'message') {
    sayProblem(form, outcome.name, outcome.retryAfterSeconds)
  } else if (outcome.kind === 'resumed') {
    form.reset()
    const resumed = interrupted ?? form
    interrupted = undefined
    if (outcome.outcome.kind !== 'view') moveToView(viewOf(resumed))
    show(resumed, outcome.outcome)
  }
}

/** What was just done, at the top of the state. */
function sayNotice(view: string, notice = ''): void {
  for (const place of document.querySelectorAll('[data-notice]'))
    place.textContent = viewOf(place) === view ? (messageOf(notice) ?? '') : ''
}
