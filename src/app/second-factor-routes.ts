import type { Route } from '../http/contract/definition.ts'
import { mailEnrolmentCodeRoute } from '../http/routes/auth/enrol/mail.ts'
import { offerPasskeyEnrolmentRoute } from '../http/routes/auth/enrol/passkeys/options.ts'
import { enrolPasskeyRoute } from '../http/routes/auth/enrol/passkeys.ts'
import { offerFirstTotpRoute } from '../http/routes/auth/enrol/totp/options.ts'
import { addFirstTotpRoute } from '../http/routes/auth/enrol/totp.ts'
import { getFactorsRoute } from '../http/routes/users/me/factors.ts'
import { makeRecoveryCodesRoute } from '../http/routes/users/me/recovery-codes.ts'
import { offerTotpRoute } from '../http/routes/users/me/totp/options.ts'
import { addTotpRoute, removeTotpRoute } from '../http/routes/users/me/totp.ts'
import { setTwoStepRoute } from '../http/routes/users/me/two-step.ts'

// The routes with which users add and manage their second factors, by the path that loads them.

export const factorsRoutes: readonly Route[] = [getFactorsRoute]
export const totpRoutes: readonly Route[] = [offerTotpRoute, addTotpRoute, removeTotpRoute]
export const recoveryCodesRoutes: readonly Route[] = [makeRecoveryCodesRoute]
export const twoStepRoutes: readonly Route[] = [setTwoStepRoute]
export const enrolRoutes: readonly Route[] = [
  mailEnrolmentCodeRoute,
  offerFirstTotpRoute,
  addFirstTotpRoute,
  offerPasskeyEnrolmentRoute,
  enrolPasskeyRoute,
]
