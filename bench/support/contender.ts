/** The measured operations. A contender has the nearest equivalent of each, or none. */
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
/** Operations whose cost may grow with the rows of one person. They are measured for growth only. */
export const growingNames = ['sessions', 'activity'] as const
export type OperationName = (typeof operationNames)[number] | (typeof growingNames)[number]

/** The name of the operation in Latchkey, for the headings of tables. */
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

/** One person of a connection, with everything that a contender issues: tokens, cookies. */
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

/** Sends one request. Each has another client address, so that no rate limit of a network applies. */
export interface Http {
  readonly origin: string
  /** @throws Error that contains the answer, when its status is another */
  send(expected: number, method: string, path: string, call?: Call): Promise<Answer>
}

export interface Operation {
  /** The requests of one operation. */
  readonly does: string
  /** The operation is answered by another Worker than that of the contender. */
  readonly servedBy?: 'resource-server'
  /** Runs for each person before a round, and is not measured. */
  prepare?(http: Http, person: Person): Promise<unknown>
  run(http: Http, person: Person): Promise<unknown>
}

export interface Contender {
  readonly name: string
  readonly title: string
  /** Its wrangler file, relative to the root of the repository. */
  readonly configPath: string
  /** A folder of migrations, or one file, relative to the root of the repository. */
  readonly schema?: string
  vars?(): Readonly<Record<string, string>>
  /** What the contender does not do. The table prints it beside the figures. */
  readonly doesNot: string
  /** A person whose sign-in is older signs in again before the next round. */
  readonly renewAfterMinutes?: number
  /** The path of its public keys, for the operation `token-check`. */
  readonly keysPath?: string
  /** Issuer and audience of its tokens, given its origin. */
  tokens?(origin: string): { readonly issuer: string; readonly audience: string }
  /** Registers the person and signs in. */
  register(http: Http, person: Person): Promise<unknown>
  /** New tokens for a registered person. */
  signIn(http: Http, person: Person): Promise<unknown>
  readonly operations: Readonly<Partial<Record<OperationName, Operation>>>
}

/** A new value each time. */
export const newEmail = (): string => `${crypto.randomUUID()}@example.com`

/** A value that a contender should have issued before. @throws Error when it has not */
export function held({ held }: Person, name: string): string {
  const value = held[name]
  if (value === undefined) throw new Error(`nobody handed out ${name}`)
  return value
}
