import { useLocation } from 'preact-iso/router'
import { addressOf, isAddressOf, type ScreenName } from '../../screens.ts'
import { facts } from './facts.ts'
import { homeAddress } from './home.ts'

/** The members of a query that say where a person goes after signing in. */
const MEMBERS = ['next', 'return_to', 'state', 'code_challenge', 'code_challenge_method'] as const

type Query = Readonly<Record<string, string>>

/** The address of a screen that goes on to where this one would have gone. */
export function onTheWay(screen: ScreenName, query: Query): string {
  const kept = new URLSearchParams(MEMBERS.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])))
  return kept.size === 0 ? addressOf(screen) : `${addressOf(screen)}?${kept}`
}

/** Whether an application sent the person here. */
export const isForApplication = ({ return_to, code_challenge }: Query): boolean =>
  return_to !== undefined || code_challenge !== undefined

/** Goes on to the screen that the address names. Anything else in the address is ignored. */
export function useGoOn(): () => void {
  const { route, query } = useLocation()
  // The screen for signing in leads back to applications, also somebody who has just signed up.
  if (isForApplication(query)) return () => route(onTheWay('sign-in', query), true)
  return () => route(isNext(query.next) ? query.next : homeAddress(), true)
}

/** Whoever has signed in has nothing to do on the screen for it. */
const isNext = (next: string | undefined): next is string =>
  isAddressOf(facts.screens, next) && !next.startsWith(addressOf('sign-in'))
