import { createAuth, serve } from './auth.ts'

// https://better-auth.com/docs/concepts/session-management#cookie-cache: the session lies signed in a cookie,
// and for five minutes nobody is asked whether it still holds.
export default serve((env) => createAuth(env, { session: { cookieCache: { enabled: true, maxAge: 5 * 60 } } }))
