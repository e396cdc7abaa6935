import { type ComponentChildren, createContext } from 'preact'
import { useContext, useEffect, useRef, useState } from 'preact/hooks'
import { explain, type Refusal } from './explain.ts'
import { useSlow } from './slow.ts'
import { words } from './words.ts'

/** What was typed, by the name of the field, which is the name of the member in the API. */
export type Values = Readonly<Record<string, string>>

interface FormProps {
  /** Sends the values. What it throws is explained beside the fields or the button. */
  readonly action: (values: Values) => Promise<unknown>
  /** The label of the button. */
  readonly submit: string
  readonly children?: ComponentChildren
  /** Beside the button. */
  readonly aside?: ComponentChildren
  /** Other buttons, below. */
  readonly alternatives?: readonly Alternative[]
  /** What has gone wrong before, explained beside the button. */
  readonly error?: unknown
  /** `plain` for a second choice, `danger` for what cannot be taken back. */
  readonly look?: 'plain' | 'danger'
  /** The id of what the button is about, where several have the same label. */
  readonly about?: string
}

/** Another button of a form, with an action of its own. */
export interface Alternative {
  readonly label: string
  /** The names of the fields that it needs. The others may be empty. */
  readonly fields?: readonly string[]
  readonly action: (values: Values) => Promise<unknown>
}

const NONE: Refusal = { fields: {} }
const Context = createContext(NONE)

/**
 * The one form of all screens. It keeps what was typed when the service refuses it, sends once however often
 * the button is pressed, and moves the focus to the first wrong field.
 */
export function Form({ action, submit, children, aside, alternatives = [], error, look, about }: FormProps) {
  const form = useRef<HTMLFormElement>(null)
  const [refusal, refuse] = useState(NONE)
  const [isBusy, setBusy] = useState(false)
  // Known at once, while the state is known after the next drawing.
  const isSending = useRef(false)
  const isSlow = useSlow()
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus(), [refusal])
  useEffect(() => refuse(error === undefined ? NONE : explain(error)), [error])

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    if (form.current === null || isSending.current) return
    const alternative = chosenOf(event, alternatives)
    const all = [...form.current.elements].filter((element) => isField(element))
    const inputs = alternative === undefined ? all : all.filter(({ name }) => alternative.fields?.includes(name))
    const missing = findMissing(inputs)
    refuse(missing)
    if (missing !== NONE) return
    isSending.current = true
    setBusy(true)
    try {
      await (alternative?.action ?? action)(Object.fromEntries(inputs.map((input) => [input.name, textOf(input)])))
    } catch (error) {
      refuse(
        explain(
          error,
          inputs.map(({ name }) => name),
        ),
      )
    }
    isSending.current = false
    setBusy(false)
  }

  return (
    <form ref={form} method="post" noValidate aria-busy={isBusy} onSubmit={(event) => void onSubmit(event)}>
      <Context.Provider value={refusal}>{children}</Context.Provider>
      <p class="problem" role="alert">
        {refusal.message}
      </p>
      <p class="hint" role="status">
        {isBusy && isSlow && words().messages.slow}
      </p>
      <p class="row">
        <button
          class={`button ${look === undefined ? '' : look === 'plain' ? 'other' : look}`}
          type="submit"
          aria-describedby={about}
        >
          {submit}
        </button>
        {aside}
      </p>
      {alternatives.length > 0 && (
        <ul class="ways">
          {alternatives.map(({ label }, index) => (
            <li key={label}>
              <button class="button other" type="submit" value={index}>
                {label}
              </button>
            </li>
          ))}
        </ul>
      )}
    </form>
  )
}

/** The other button that was pressed. */
const chosenOf = ({ submitter }: SubmitEvent, alternatives: readonly Alternative[]): Alternative | undefined =>
  submitter instanceof HTMLButtonElement && submitter.value !== '' ? alternatives[Number(submitter.value)] : undefined

type FieldElement = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

const isField = (element: Element): element is FieldElement =>
  (element instanceof HTMLInputElement ||
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement) &&
  element.name !== ''

/** People copy codes together with spaces. */
function textOf(input: FieldElement): string {
  if (input instanceof HTMLInputElement && input.type === 'checkbox') return input.checked ? 'on' : ''
  return input.dataset.code === undefined ? input.value : input.value.replace(/\s/g, '')
}

/** Checks what needs no request to the service. */
function findMissing(inputs: readonly FieldElement[]): Refusal {
  const { missing, unticked, password_too_short } = words().messages
  const found = inputs.flatMap((input) => {
    if (input.required && textOf(input) === '')
      return [[input.name, { text: input.type === 'checkbox' ? unticked : missing }] as const]
    const length = [...input.value.normalize('NFC')].length
    const isShort = length < Number(input.dataset.minLength ?? 0)
    return isShort ? [[input.name, { text: password_too_short }] as const] : []
  })
  return found.length === 0 ? NONE : { fields: Object.fromEntries(found) }
}

/** The refusal of the form around this place. */
export const useRefusal = (): Refusal => useContext(Context)
