/** What is measured. A contender has the nearest equivalent of each, or nothing. */
export const operationNames = [
  'register',
  'sign-in',
  'refresh',
  'profile',
  'session',
  'update',
  'token-check',
  'export',
  'archive',
] as const
/** What grows with one person, and is asked for growth alone. */
export const growingNames = ['sessions', 'activity'] as const
export type OperationName = (typeof operationNames)[number] | (typeof growingNames)[number]

/** How Latchkey calls it, for the table's headings. */
export const operationTitles: Readonly<Record<OperationName, string>> = {
  register: 'register',
  'sign-in': 'sign in',
  refresh: 'refresh',
  profile: '`GET /users/me`',
  session: '`GET /auth/session`',
  update: '`PUT /users/me`',
  'token-check': 'token check by a resource server',
  export: 'export',
  archive: 'archive consumer (events)',
  sessions: '`GET /users/me/sessions`',
  activity: '`GET /users/me/activity`',
}

/** One person that a connection plays, with whatever a contender hands out: tokens, cookies. */
export interface Person {
  readonly email: string
  readonly password: string
  readonly held: Record<string, string>
}

export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface Call {
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>>
  readonly token?: string | undefined
  readonly cookie?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Sends one request. Each comes from another client address, so that nobody meets the limits of a network.
 */
export interface Http {
  readonly origin: string
  /** @throws Error that shows the answer, when its status is another */
  send(expected: number, method: string, path: string, call?: Call): Promise<Answer>
}

export interface Operation {
  /** The requests that one operation is. */
  readonly does: string
  /** Another Worker than the contender's answers it. */
  readonly servedBy?: 'resource-server'
  /** Before a round, for each person; not measured. */
  prepare?(http: Http, person: Person): Promise<unknown>
  run(http: Http, person: Person): Promise<unknown>
}

export interface Contender {
  readonly name: string
  readonly title: string
  /** Its wrangler file, from the root of the repository. */
  readonly configPath: string
  /** A folder of migrations, or one file, from the root of the repository. */
  readonly schema?: string
  vars?(): Readonly<Record<string, string>>
  /** What it leaves out, as the table says it beside its figures. */
  readonly doesNot: string
  /** Whoever signed in that long ago signs in again before the next round. */
  readonly renewAfterMinutes?: number
  /** Where its public keys are, for the operation `token-check`. */
  readonly keysPath?: string
  /** Issuer and audience of its tokens, as seen from its origin. */
  tokens?(origin: string): { readonly issuer: string; readonly audience: string }
  /** Makes the person known and signs them in. */
  register(http: Http, person: Person): Promise<unknown>
  /** New tokens for a person who is known. */
  signIn(http: Http, person: Person): Promise<unknown>
  readonly operations: Readonly<Partial<Record<OperationName, Operation>>>
}

/** Something that was not there before, each time. */
export const newEmail = (): string => `${crypto.randomUUID()}@example.com`

/** What a contender should have handed out earlier. @throws Error when it has not */
export function held({ held }: Person, name: string): string {
  const value = held[name]
  if (value === undefined) throw new Error(`nobody handed out ${name}`)
  return value
}
