import { createAuth, serve } from './auth.ts'

// Follows https://better-auth.com/docs/concepts/session-management#cookie-cache: the session is in a signed
// cookie, and for five minutes no store is asked whether it still exists.
export default serve((env) => createAuth(env, { session: { cookieCache: { enabled: true, maxAge: 5 * 60 } } }))
