import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { facts } from './facts.ts'

interface ScreenProps {
  readonly heading: string
  /** `done` marks that something was done. */
  readonly look?: 'done' | undefined
  readonly children: ComponentChildren
}

/** The document that the browser has just opened reads itself out. */
let isFirst = true

/**
 * A screen, or a state of one, with its heading. A new heading gets the focus, so that it is read out, and it
 * becomes the title of the document.
 */
export function Screen({ heading, look, children }: ScreenProps) {
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${heading} · ${facts.product}`
    if (!isFirst) title.current?.focus()
    isFirst = false
  }, [heading])
  return (
    <section class={look}>
      <h1 tabIndex={-1} ref={title}>
        {unbroken(heading)}
      </h1>
      {children}
    </section>
  )
}

/** Prevents a line break within "e-mail". */
export const unbroken = (text: string): string => text.replace(/\be-(?=mail)/gi, ([letter]) => `${letter}\u2011`)
