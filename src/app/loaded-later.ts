import type { Route } from '../http/contract/definition.ts'

/**
 * Routes that few isolates serve, keyed by the path with which all of them begin. They are loaded on first
 * use, so that they do not slow down the start of an isolate while a person waits to sign in. Code that is
 * loaded at start must not import them, which test/node/deploy.test.ts checks.
 */
export const loadedLater = {
  '/api/v1/admin': async () => (await import('../http/routes/admin/index.ts')).adminRoutes,
  '/api/v1/auth/email': async () => (await import('./mailbox-routes.ts')).mailboxRoutes,
  '/api/v1/auth/sign-up': async () => (await import('./mailbox-routes.ts')).signUpRoutes,
  '/api/v1/auth/enrol': async () => (await import('./second-factor-routes.ts')).enrolRoutes,
  '/api/v1/auth/keep-factors': async () => [(await import('../http/routes/auth/keep-factors.ts')).keepFactorsRoute],
  '/api/v1/auth/passkey': async () => (await import('./passkey-routes.ts')).passkeySignInRoutes,
  '/api/v1/auth/return': async () => (await import('./return-routes.ts')).returnRoutes,
  '/api/v1/auth/step-up/options': async () => (await import('./passkey-routes.ts')).passkeyStepUpRoutes,
  '/api/v1/auth/undo-passkey': async () => [(await import('../http/routes/auth/undo-passkey.ts')).undoPasskeyRoute],
  '/api/v1/users/me/factor-reset': async () => [
    (await import('../http/routes/users/me/factor-reset.ts')).keepOwnFactorsRoute,
  ],
  '/api/v1/users/me/factors': async () => (await import('./second-factor-routes.ts')).factorsRoutes,
  '/api/v1/users/me/passkeys': async () => (await import('./passkey-routes.ts')).passkeysRoutes,
  '/api/v1/users/me/recovery-codes': async () => (await import('./second-factor-routes.ts')).recoveryCodesRoutes,
  '/api/v1/users/me/totp': async () => (await import('./second-factor-routes.ts')).totpRoutes,
  '/api/v1/users/me/two-step': async () => (await import('./second-factor-routes.ts')).twoStepRoutes,
  '/api/v1/auth/mfa': async () => [(await import('../http/routes/auth/mfa.ts')).proveSecondFactorRoute],
  '/.well-known/webauthn': async () => (await import('./passkey-document-routes.ts')).relatedOriginsRoutes,
  '/.well-known/passkey-endpoints': async () => (await import('./passkey-document-routes.ts')).passkeyEndpointsRoutes,
  '/.well-known/assetlinks.json': async () => (await import('./passkey-document-routes.ts')).androidAppsRoutes,
  '/.well-known/apple-app-site-association': async () => (await import('./passkey-document-routes.ts')).appleAppsRoutes,
  '/audit/log': async () => (await import('../http/routes/audit/log/index.ts')).logRoutes,
  '/account': async () => (await import('../http/routes/account.ts')).accountRoutes,
  '/docs': async () => (await import('../http/routes/docs.ts')).docsPageRoutes,
  '/openapi.json': async () => (await import('./all-routes.ts')).documentRoutes,
} satisfies Readonly<Record<string, () => Promise<readonly Route[]>>>

/** The path of a part that is loaded on first use. */
export type Part = keyof typeof loadedLater

const parts = Object.keys(loadedLater) as Part[]

/** Finds the part that serves a path. @returns undefined for a path whose routes are loaded at start */
export const partOf = (path: string): Part | undefined =>
  parts.find((start) => path === start || path.startsWith(`${start}/`))
