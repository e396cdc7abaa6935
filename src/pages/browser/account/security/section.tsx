import type { ComponentChildren } from 'preact'
import { unbroken } from '../../shared/screen.tsx'

interface SectionParts {
  /** The fragment that leads here. */
  readonly id: string
  readonly heading: string
  readonly children: ComponentChildren
}

/** A part of the screen, which an address may lead to. */
export const Section = ({ id, heading, children }: SectionParts) => (
  <section aria-labelledby={id}>
    <h2 id={id} tabIndex={-1}>
      {unbroken(heading)}
    </h2>
    {children}
  </section>
)
