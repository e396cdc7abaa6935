import { clearProblems, findFieldProblems, sayFieldProblems, sayProblem } from './problems.ts'
import { leaveFor, type Return, takeReturn } from './provider.ts'
import { send } from './send.ts'
import { type TaskOutcome, tasks } from './tasks.ts'
import { firstView, moveToView, showView } from './views.ts'

const returned = takeReturn()
const token = returned?.token ?? takeToken()

showView(firstView(token !== ''))
for (const form of document.forms) form.addEventListener('submit', onSubmit)
for (const box of document.querySelectorAll<HTMLInputElement>('[data-reveals]'))
  box.addEventListener('change', onReveal)
for (const button of document.querySelectorAll<HTMLElement>('[data-provider]'))
  button.addEventListener('click', () => void leaveFor(button.dataset.provider ?? '', token))
if (returned) void goOn(returned)
// The user opened another link while this page was open: only the fragment changed.
addEventListener('hashchange', () => location.reload())

/**
 * Reads the token and removes it from the address bar, so that it is not in the history, in bookmarks or in
 * shared links.
 */
function takeToken(): string {
  const { hash, pathname, search } = location
  if (hash !== '') history.replaceState(null, '', pathname + search)
  return new URLSearchParams(hash.slice(1)).get('token') ?? ''
}

function onSubmit(event: SubmitEvent): void {
  event.preventDefault()
  const form = event.currentTarget
  if (form instanceof HTMLFormElement && form.ariaBusy !== 'true') void submit(form)
}

async function submit(form: HTMLFormElement): Promise<void> {
  clearProblems(form)
  const problems = findFieldProblems(form)
  if (problems.length > 0) return sayFieldProblems(form, problems)
  form.ariaBusy = 'true'
  const outcome = await perform(form)
  // First, because a screen reader may ignore changes in a region that is marked as busy.
  form.ariaBusy = null
  show(form, outcome)
}

/** Completes a form after the user comes back from a provider. */
async function goOn({ exchange, error }: Return): Promise<void> {
  const form = document.querySelector<HTMLElement>('[data-provider]')?.closest('form')
  if (!form) return
  form.ariaBusy = 'true'
  const outcome: TaskOutcome = exchange
    ? await tasks['confirm-email-with-code'](send, { token, values: exchange })
    : { kind: 'message', name: error === 'invalid_credentials' ? 'not_linked' : 'provider_failed' }
  form.ariaBusy = null
  show(form, outcome)
}

async function perform({ dataset, elements }: HTMLFormElement): Promise<TaskOutcome> {
  const inputs = [...elements].filter((element) => element instanceof HTMLInputElement)
  const values = inputs.filter(({ name }) => name !== '').map(({ name, value }) => [name, value])
  const task = Object.entries(tasks).find(([name]) => name === dataset.task)?.[1]
  return task === undefined
    ? { kind: 'message', name: 'failed' }
    : task(send, { token, values: Object.fromEntries(values) })
}

function show(form: HTMLFormElement, outcome: TaskOutcome): void {
  if (outcome.kind === 'view') {
    form.reset()
    moveToView(outcome.name)
  } else if (outcome.kind === 'fields') {
    sayFieldProblems(form, outcome.problems)
  } else {
    sayProblem(form, outcome.name, outcome.retryAfterSeconds)
  }
}

function onReveal({ currentTarget: box }: Event): void {
  if (!(box instanceof HTMLInputElement)) return
  const input = document.getElementById(box.dataset.reveals ?? '')
  if (input instanceof HTMLInputElement) input.type = box.checked ? 'text' : 'password'
}
