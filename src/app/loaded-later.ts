import type { Route } from '../http/contract/definition.ts'

/**
 * What few isolates are asked for, by the path that all of its routes begin with. An isolate that starts in
 * front of a person who signs in evaluates none of it. Nothing that is loaded at start may import it:
 * test/node/deploy.test.ts.
 */
export const loadedLater = {
  '/api/v1/admin': async () => (await import('../http/routes/admin/index.ts')).adminRoutes,
  '/account': async () => (await import('../http/routes/account.ts')).accountRoutes,
  '/docs': async () => (await import('../http/routes/docs.ts')).docsPageRoutes,
  '/openapi.json': async () => (await import('./all-routes.ts')).documentRoutes,
} satisfies Readonly<Record<string, () => Promise<readonly Route[]>>>

/** The path of such a part. */
export type Part = keyof typeof loadedLater

const parts = Object.keys(loadedLater) as Part[]

/** @returns undefined for a path whose routes are loaded at start */
export const partOf = (path: string): Part | undefined =>
  parts.find((start) => path === start || path.startsWith(`${start}/`))
