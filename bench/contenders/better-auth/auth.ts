import { waitUntil } from 'cloudflare:workers'
import { type BetterAuthOptions, betterAuth } from 'better-auth'

export interface Env {
  readonly DB: D1Database
  readonly BETTER_AUTH_SECRET: string
  readonly BETTER_AUTH_URL: string
}

/**
 * https://better-auth.com/docs/guides/cloudflare: the D1 binding as the database, the client's address from
 * Cloudflare's header, background tasks after the answer. Passwords are hashed as its default has it.
 */
export function createAuth(env: Env, more: BetterAuthOptions = {}) {
  return betterAuth({
    secret: env.BETTER_AUTH_SECRET,
    baseURL: env.BETTER_AUTH_URL,
    database: env.DB,
    emailAndPassword: { enabled: true },
    advanced: {
      ipAddress: { ipAddressHeaders: ['cf-connecting-ip'] },
      backgroundTasks: { handler: waitUntil },
    },
    // On, it would refuse the load; off, it does less work than it would in production.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    ...more,
  })
}

/** One instance an isolate, as when it is made at module scope. */
export function serve<E extends Env>(create: (env: E) => { handler(request: Request): Promise<Response> }) {
  let auth: ReturnType<typeof create> | undefined
  return {
    fetch(request: Request, env: E): Promise<Response> {
      auth ??= create(env)
      return auth.handler(request)
    },
  }
}
