import { twoFactor } from 'better-auth/plugins'
import { createAuth, serve } from './auth.ts'

// Follows https://better-auth.com/docs/plugins/2fa with the plugin's defaults.
export default serve((env) => createAuth(env, { plugins: [twoFactor()] }))
