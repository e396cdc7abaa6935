/** The id of an existing account. */
export interface Account {
  readonly email: string
  readonly password: string
}

/** What a program saw. Each program follows the documentation of its generator. */
export interface Walk {
  readonly wrongPassword: string
  readonly bio: string | null
  readonly changedBio: string | null
  readonly stale: string
  readonly decided: string
  readonly sessionsBefore: number
  readonly sessionsAfter: number
  readonly missing: string
  readonly refreshed: boolean
  readonly signedOut: number
  readonly afterwards: string
}

export const NOWHERE = '00000000-0000-4000-8000-000000000000'

/** Fails when a value is missing that a program needs to continue. */
export function need<Value>(value: Value | null | undefined, what: string): Value {
  if (value === undefined || value === null) throw new Error(`no ${what}`)
  return value
}

/** Runs a program with the origin and the account of the command line, and prints what it saw. */
export async function run(walk: (origin: string, account: Account) => Promise<Walk>): Promise<void> {
  const [origin = '', email = '', password = ''] = process.argv.slice(2)
  process.stdout.write(JSON.stringify(await walk(origin, { email, password })))
}
