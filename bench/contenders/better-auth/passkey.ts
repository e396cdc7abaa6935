import { passkey } from '@better-auth/passkey'
import { createAuth, type Env, serve } from './auth.ts'

// Follows https://better-auth.com/docs/plugins/passkey with the plugin's defaults.
export default serve((env: Env) =>
  createAuth(env, { plugins: [passkey({ rpID: 'localhost', origin: env.BETTER_AUTH_URL })] }),
)
