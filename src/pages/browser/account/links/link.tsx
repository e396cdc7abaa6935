import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { isProblem } from '../../../../client/problem.ts'
import { isRefused } from '../../shared/explain.ts'
import { Form, type Values } from '../../shared/form.tsx'
import { homeAddress } from '../../shared/home.ts'
import { linkToken } from '../../shared/link-token.ts'
import { Screen, unbroken } from '../../shared/screen.tsx'

/** The words of one state of a screen. */
export interface StateWords {
  readonly heading: string
  /** Paragraphs. */
  readonly text: readonly string[]
}

interface StateProps {
  readonly words: StateWords
  /** Whether this state says that something was done. */
  readonly isDone?: boolean
  readonly children?: ComponentChildren
}

/** One state of a screen: its heading, its text, and what can be done. */
export const State = ({ words: { heading, text }, isDone = false, children }: StateProps) => (
  <Screen heading={heading} look={isDone ? 'done' : undefined}>
    {text.map((paragraph) => (
      <p key={paragraph}>{unbroken(paragraph)}</p>
    ))}
    {children}
  </Screen>
)

/** The words of a screen that a mailed link opens. */
export interface LinkWords {
  readonly ask: StateWords & { readonly action: string }
  readonly done: StateWords
  /** The link was used, or is too old. */
  readonly useless: StateWords
  /** The address has no token. */
  readonly incomplete: StateWords
}

/** A way on, after something was done. */
export const ToAccount = ({ label }: { readonly label: string }) => (
  <p>
    <a class="button other" href={homeAddress()}>
      {label}
    </a>
  </p>
)

interface LinkProps {
  readonly words: LinkWords
  /** Sends the token. Nothing is sent before a person presses the button: mail scanners open links too. */
  readonly send: (token: string, values: Values) => Promise<unknown>
  /** The fields of the form. */
  readonly children?: ComponentChildren
  /** What can be done after it was done. */
  readonly afterwards?: ComponentChildren
  /** What can be done without a token that works. */
  readonly otherwise?: ComponentChildren
}

/** A screen that a mailed link opens: it asks, sends the token once, and says what became of it. */
export function Link({ words, send, children, afterwards, otherwise }: LinkProps) {
  const [state, show] = useState<keyof LinkWords>(linkToken === '' ? 'incomplete' : 'ask')
  const onSubmit = async (values: Values) => {
    try {
      await send(linkToken, values)
      show('done')
    } catch (error) {
      if (!isTokenProblem(error)) throw error
      show('useless')
    }
  }
  if (state === 'done')
    return (
      <State words={words.done} isDone>
        {afterwards}
      </State>
    )
  if (state !== 'ask') return <State words={words[state]}>{otherwise}</State>
  return (
    <State words={words.ask}>
      <Form action={onSubmit} submit={words.ask.action}>
        {children}
      </Form>
    </State>
  )
}

/** A token that is used, expired or misspelt. */
const isTokenProblem = (error: unknown): boolean => isProblem(error, 'invalid_token') || isRefused(error, 'token')
