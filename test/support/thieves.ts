import { routes } from '../../src/app/all-routes.ts'
import type { Route } from '../../src/http/contract/definition.ts'
import { examples } from '../../src/http/examples/examples.ts'
import { type Answer, type Call, call, newPerson, type Person } from './api.ts'
import { plainApp as app } from './passwords.ts'
import { fillIn, takesNewAddress } from './requests.ts'

/** What a thief holds. The e-mail address and the ids of the victim are known to every attacker. */
export interface Loot {
  /** Sent as access tokens. */
  readonly bearers?: readonly string[]
  /** Put into every member of a body that takes a secret, one after the other. */
  readonly secrets?: readonly string[]
}

export interface Victim {
  readonly person: Person
  readonly loot: Loot
}

/**
 * Makes an account for the thief to attack.
 * @param fill puts ids of things of the account into the path. It needs the account as it was registered.
 */
export type MakeVictim = (fill: (person: Person) => Promise<string>) => Promise<Victim & { readonly path: string }>

/** Members of bodies that take a secret, by their names. */
const TAKES_SECRET = /^(?!new_).*(password|token|ticket|code|totp|link|secret)/
const NOTHING: Loot = { bearers: ['eyJ.invented.token'], secrets: ['an invented secret'] }

let addresses = 0
/** A thief has as many networks as needed, so that no limit of a network hides what a route would answer. */
const nextAddress = () => `198.18.${(++addresses >> 8) & 255}.${addresses & 255}`

/** A new account, registered from a network of its own. */
export const newVictim = (): Promise<Person> => newPerson({}, { app, headers: { 'cf-connecting-ip': nextAddress() } })

/**
 * Sends every request of the table of routes that a thief can make: each route with each access token, and
 * each secret in each member that takes one. Nothing is known here about any route.
 * @returns the routes that let the thief in, and that do not answer a stranger the same
 */
export async function play(makeVictim: MakeVictim): Promise<string[]> {
  const gained: string[] = []
  let victim: Awaited<ReturnType<MakeVictim>> | undefined
  for (const route of routes) {
    const hasIds = route.path.includes(':')
    victim = hasIds || victim === undefined ? await makeVictim((person) => fillIn(route.path, person)) : victim
    const path = hasIds ? victim.path : route.path
    const toStranger = await outcomes(route, path, { ...victim, loot: NOTHING })
    const toThief = await outcomes(route, path, victim)
    if (toThief.some((outcome) => !toStranger.includes(outcome))) gained.push(`${route.method} ${route.path}`)
    // A route that let somebody in may have changed the account.
    if (hasIds || (route.method !== 'GET' && toThief.length > 0)) victim = undefined
  }
  return gained.sort()
}

const REFUSED = [400, 401, 403, 422]

/** The answers to all attempts on a route that are no refusal, by status and members of the body. */
async function outcomes(route: Route, path: string, { person, loot }: Victim): Promise<string[]> {
  const found: string[] = []
  for (const token of [undefined, ...(loot.bearers ?? [])])
    for (const body of bodies(route, person, loot.secrets ?? [])) {
      const answer = await send(route, path, { token, ...(body && { body }) })
      if (answer.status === 429) throw new Error(`${route.path} has a limit that this test does not avoid`)
      if (answer.status >= 500) throw new Error(`${route.path} answered ${answer.status}`)
      if (!REFUSED.includes(answer.status)) found.push(`${answer.status} ${membersOf(answer)}`)
    }
  return found
}

function send({ method, operation }: Route, path: string, options: Call): Promise<Answer> {
  const query = operation?.exampleQuery?.() as Record<string, string> | undefined
  const target = query === undefined ? path : `${path}?${new URLSearchParams(query)}`
  return call(target, { app, method, headers: { 'cf-connecting-ip': nextAddress() }, ...options })
}

const membersOf = ({ body }: Answer): string =>
  typeof body === 'object' && body !== null ? Object.keys(body).sort().join() : typeof body

type Body = Readonly<Record<string, unknown>>

/** The example with wrong secrets, and then with each secret of the thief in each place. */
function bodies(route: Route, person: Person, secrets: readonly string[]): (Body | undefined)[] {
  const example = route.operation?.example?.()
  if (typeof example !== 'object' || example === null) return [undefined]
  const base = Object.fromEntries(
    Object.entries(example).map(([name, value]) => [name, invented(route, person, name, value)]),
  )
  const places = Object.keys(base).filter((name) => TAKES_SECRET.test(name) && typeof base[name] === 'string')
  return [base, ...places.flatMap((place) => secrets.map((secret) => ({ ...base, [place]: secret })))]
}

let people = 0
function invented(route: Route, { email }: Person, name: string, value: unknown): unknown {
  if (value === examples.email) return takesNewAddress(route) ? `thief${++people}@example.com` : email
  if (name === 'dry_run') return false
  return name === 'password' || name === 'current_password' ? 'no password of anybody' : value
}
