import { issuer } from '@openauthjs/openauth'
import { PasswordProvider } from '@openauthjs/openauth/provider/password'
import { CloudflareStorage } from '@openauthjs/openauth/storage/cloudflare'
import type { StorageAdapter } from '@openauthjs/openauth/storage/storage'
import { createSubjects } from '@openauthjs/openauth/subject'
import { PasswordUI } from '@openauthjs/openauth/ui/password'
import { object, string } from 'valibot'

interface Env {
  readonly AUTH_STORAGE: KVNamespace
}

const subjects = createSubjects({ user: object({ id: string() }) })

// The load generator reads the code that a person would read in a mail.
const codes = new Map<string, string>()

/**
 * Follows the example of openauth for Cloudflare:
 * https://github.com/anomalyco/openauth/tree/master/examples/issuer/cloudflare. Passwords are hashed with its
 * default, scrypt of node:crypto.
 */
const create = (env: Env) =>
  issuer({
    storage: aSecondLonger(CloudflareStorage({ namespace: env.AUTH_STORAGE })),
    subjects,
    providers: {
      password: PasswordProvider(
        PasswordUI({
          sendCode: async (email, code) => {
            codes.set(email, code)
          },
        }),
      ),
    },
    success: async (ctx, value) => ctx.subject('user', { id: value.email }),
  })

/**
 * KV accepts no expiry below 60 s. openauth asks for 60 s by subtracting times, which sometimes gives 59
 * where the clock advances while code runs, as it does locally and not in production.
 */
function aSecondLonger(storage: StorageAdapter): StorageAdapter {
  const later = (expiry?: Date) => expiry && new Date(expiry.getTime() + 1000)
  return { ...storage, set: (key, value, expiry) => storage.set(key, value, later(expiry)) }
}

let app: ReturnType<typeof create> | undefined

export default {
  fetch(request: Request, env: Env, execution: ExecutionContext) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/code') return takeCode(searchParams.get('email') ?? '')
    app ??= create(env)
    return app.fetch(request, env, execution)
  },
}

function takeCode(email: string): Response {
  const code = codes.get(email)
  codes.delete(email)
  return new Response(code)
}
