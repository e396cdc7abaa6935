import type { Hono, MiddlewareHandler } from 'hono'
import type * as z from 'zod'
import { authenticate, requireRecentSignIn } from '../auth/authenticate.ts'
import { admitRequest } from '../auth/limits/admit-request.ts'
import { countWithWork } from '../auth/limits/count-with-work.ts'
import { passShield } from '../auth/limits/pass-shield.ts'
import type { LimitName } from '../core/limits.ts'
import type { EmailAddress } from '../identity/email-address.ts'
import { asOperator } from '../operators/as-operator.ts'
import type { Answers } from './contract/answers.ts'
import type { OperationText } from './contract/contract.ts'
import type { HttpContext, HttpEnvironment, OpenForRequest } from './environment.ts'
import { withContext } from './middleware/open-context.ts'
import { answerOnce } from './once.ts'
import { validateBody, validateQuery } from './validate.ts'

/**
 * Who may call a route. `bearer`: a valid access token whose session the verb checks in its own statement.
 * `step-up`: the same, and signed in within five minutes. `admin`, `admin-step-up`: likewise, and everything that the
 * verb asks of the database is refused unless the user is an admin at that moment.
 */
export type Access = 'public' | 'bearer' | 'step-up' | 'admin' | 'admin-step-up'

/** How often a route may be called: a policy of core/limits.ts. */
interface RouteLimits<Body extends z.ZodType> {
  readonly policy: LimitName
  /** The e-mail address that a request is about, where the policy counts by it. */
  readonly email?: (body: z.output<Body>) => EmailAddress
  /** The verb counts in its own first batch, which saves a wait. */
  readonly isCountedByVerb?: true
  /** The first batch of the verb counts, and fails as a whole over the quota. The verb knows of no quota. */
  readonly isCountedWithWork?: true
}

export interface RouteDefinition<Body extends z.ZodType, Query extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Hono's pattern, from the root. */
  readonly path: string
  readonly access: Access
  /** Every route that is not GET has one, and so has whatever hashes or mails (SECURITY.md T5). */
  readonly limits?: RouteLimits<Body>
  /** Hashes a password, so it waits in line for the processor, and is refused at once when the line is full. */
  readonly hashesPassword?: true
  /** A client's D1 bookmark may send the read to a replica; elsewhere everything is read from the primary. */
  readonly acceptsBookmark?: true
  /** Acts once for one `Idempotency-Key`. Its handler calls the verb through `once`. */
  readonly isIdempotent?: true
  /** Opened by a browser as it follows a link: a refusal is a page where HTML is preferred. */
  readonly isNavigated?: true
  /** No body at all stands for `{}`. */
  readonly hasOptionalBody?: true
  /**
   * Hands out personal data, or the audit trail, in bulk: always, or when this says so of a request. Such a request takes
   * a recent sign-in, so that a stolen access token alone carries nothing away.
   */
  readonly handsOutInBulk?: 'always' | ((c: HttpContext, query: z.output<Query>) => boolean)
  /** Strict schema of the JSON body; without it no body is read. */
  readonly body?: Body
  /** Strict schema of the query; without it the query is not looked at. */
  readonly query?: Query
  readonly handle: (c: HttpContext, body: z.output<Body>, query: z.output<Query>) => Promise<Response>
  /** What the API document says of it. Pages for people are not in the document. */
  readonly operation?: OperationText & { readonly answers: Answers }
}

/** A route whose body and query types have been checked against its handler. */
export type Route = RouteDefinition<z.ZodType, z.ZodType>

/** Declares a route: what it takes, who may call it, and what it does. */
export const route = <Body extends z.ZodType, Query extends z.ZodType>(
  definition: RouteDefinition<Body, Query>,
): Route => definition as unknown as Route

/** Mounts a route: open the context, stop floods, authenticate, validate, wait in line, count, handle. */
export function mount(app: Hono<HttpEnvironment>, definition: Route, open: OpenForRequest): void {
  const { method, path, limits, hashesPassword, acceptsBookmark, body, hasOptionalBody, query } = definition
  const guards: MiddlewareHandler[] = [
    ...(definition.isNavigated ? [markNavigated] : []),
    withContext(open, { route: path, acceptsBookmark }),
    ...(hashesPassword ? [requireRoom] : []),
    ...(limits ? [shieldFor(limits)] : []),
    ...(hashesPassword ? [] : [passLine]),
    guardOf(definition),
    ...(query ? validateQuery(query) : []),
    guardBulk(definition),
    ...(body ? [validateBody(body, { isOptional: hasOptionalBody === true })] : []),
    ...(hashesPassword ? [waitInLine] : []),
    ...(limits && !limits.isCountedByVerb ? [countFor(limits)] : []),
  ]
  app.on(method, [path], ...guards, (c) => {
    const handle = () => definition.handle(c, body && valid(c, 'json'), query && valid(c, 'query'))
    return definition.isIdempotent ? answerOnce(c, { route: `${method} ${path}` }, handle) : handle()
  })
}

const markNavigated: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  c.set('isNavigated', true)
  await next()
}

function guardOf({ access, path }: Route): MiddlewareHandler<HttpEnvironment> {
  return async (c, next) => {
    if (access !== 'public') {
      const principal = await authenticate(c.get('ctx'), c.req.header('authorization'))
      if (access === 'step-up' || access === 'admin-step-up') requireRecentSignIn(c.get('ctx'), principal)
      const { userId, sessionId } = principal
      c.set('principal', principal)
      c.set(
        'ctx',
        access === 'admin' || access === 'admin-step-up'
          ? asOperator(c.get('ctx'), principal, path)
          : { ...c.get('ctx'), actor: { type: 'user', userId, sessionId } },
      )
    }
    await next()
  }
}

/** Behind the query, which may say whether it is bulk; `step-up` routes have asked already. */
function guardBulk({ handsOutInBulk: rule, query }: Route): MiddlewareHandler<HttpEnvironment> {
  return async (c, next) => {
    if (rule === 'always' || rule?.(c, query && valid(c, 'query')))
      requireRecentSignIn(c.get('ctx'), c.get('principal'))
    await next()
  }
}

const valid = (c: HttpContext, part: 'json' | 'query') => c.req.valid(part as never)

const shieldFor = ({ policy }: RouteLimits<z.ZodType>): MiddlewareHandler<HttpEnvironment> => {
  return async (c, next) => {
    await passShield(c.get('ctx'), policy)
    await next()
  }
}

/** Behind the shield: a flood that it refuses slows no hash down. */
const passLine: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  c.get('ctx').passwords.passLine()
  await next()
}

/** Before anything is read, counted or asked: whom the line has no room for costs next to nothing, and is told nothing. */
const requireRoom: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  c.get('ctx').passwords.requireRoom()
  await next()
}

/** Behind everything that needs no store: a body that never ends has no place, and keeps nobody from coming near. */
const waitInLine: MiddlewareHandler<HttpEnvironment> = async (c, next) => {
  const { passwords } = c.get('ctx')
  passwords.enterLine()
  try {
    await passwords.approach()
    await next()
  } finally {
    passwords.leaveLine()
  }
}

function countFor({ policy, email, isCountedWithWork }: RouteLimits<z.ZodType>): MiddlewareHandler<HttpEnvironment> {
  return async (c, next) => {
    const subjects = { email: email?.(valid(c, 'json')), holder: c.get('principal') }
    if (isCountedWithWork) c.set('ctx', await countWithWork(c.get('ctx'), policy, subjects))
    else await admitRequest(c.get('ctx'), policy, subjects)
    await next()
  }
}

/** The methods that exist for a path, for `Allow`. */
export function methodsFor(routes: readonly Route[], path: string): string[] {
  const matching = routes.filter((candidate) => patternOf(candidate.path).test(path)).map(({ method }) => method)
  return [...new Set(matching.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))]
}

const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll('.', '\\.').replace(/:[a-z_]+/g, '[^/]+')}$`)
