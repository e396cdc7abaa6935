import type { ComponentChildren } from 'preact'
import { useEffect, useId, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso/router'
import { addressOf, isOwn, ownScreens } from '../../screens.ts'
import { facts } from '../shared/facts.ts'
import { Form } from '../shared/form.tsx'
import { leave } from '../shared/leave.ts'
import { useSession } from '../shared/session.ts'
import { words } from '../shared/words.ts'

/** What is around every screen: the product's name, and the menu of a signed-in person. */
export function Frame({ children }: { readonly children: ComponentChildren }) {
  const { path } = useLocation()
  const isIn = useSession() === 'in' && isOwn(path)
  return (
    <div class={isIn ? 'page with-menu' : 'page'}>
      <header>
        <p class="product">{facts.product}</p>
        {isIn && <Menu current={path} />}
      </header>
      <main>{children}</main>
    </div>
  )
}

/** On a phone the menu is behind a button, so that the screen begins at the top. */
function Menu({ current }: { readonly current: string }) {
  const [isOpen, open] = useState(false)
  const id = useId()
  useEffect(() => open(false), [current])
  return (
    <nav aria-label={words().common.menu}>
      <button
        class="button other menu-button"
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => open(!isOpen)}
      >
        {words().common.openMenu}
      </button>
      <div id={id} class={isOpen ? 'menu open' : 'menu'}>
        <ul>
          {ownScreens
            .filter((screen) => facts.screens.includes(screen))
            .map((screen) => (
              <li key={screen}>
                <a href={addressOf(screen)} aria-current={addressOf(screen) === current ? 'page' : undefined}>
                  {words().titles[screen]}
                </a>
              </li>
            ))}
        </ul>
        <Form action={leave} submit={words().common.signOut} look="plain" />
      </div>
    </nav>
  )
}
