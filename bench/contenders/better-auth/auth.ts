import { waitUntil } from 'cloudflare:workers'
import { type BetterAuthOptions, betterAuth } from 'better-auth'

export interface Env {
  readonly DB: D1Database
  readonly BETTER_AUTH_SECRET: string
  readonly BETTER_AUTH_URL: string
}

/**
 * Follows https://better-auth.com/docs/guides/cloudflare: the D1 binding as the database, the client address
 * from Cloudflare's header, background tasks after the answer. Passwords are hashed with its default.
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
    // Switched on, the limiter would refuse the load. Switched off, better-auth does less work than in
    // production.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    ...more,
  })
}

/** One instance for each isolate, as if it were made at module level. */
export function serve<E extends Env>(create: (env: E) => { handler(request: Request): Promise<Response> }) {
  let auth: ReturnType<typeof create> | undefined
  return {
    fetch(request: Request, env: E): Promise<Response> {
      auth ??= create(env)
      return auth.handler(request)
    },
  }
}
