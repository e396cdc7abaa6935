import { TOTP, URI } from 'otpauth'

const STEP_MS = 30_000

/** An authenticator app of another author, with the secret of this address. @param uri `otpauth://` */
export function appOf(uri: string): TOTP {
  const app = URI.parse(uri)
  if (!(app instanceof TOTP)) throw new Error('no time-based codes')
  return app
}

/** The code of an app. Each works once, so a later proof takes the code of a later step. */
export const codeOf = (app: TOTP, stepsLater = 0): string =>
  app.generate({ timestamp: Date.now() + stepsLater * STEP_MS })
