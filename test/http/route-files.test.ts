import { describe, expect, it } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'

const files = import.meta.glob('../../src/http/routes/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>

/**
 * `/api/v1/users/me/sessions/:id` is in `users/me/sessions/[id].ts`, and `/.well-known/jwks.json` in
 * `well-known/jwks.json.ts`.
 */
const fileOf = (path: string): string =>
  `../../src/http/routes/${path.replace(/^\/(api\/v1\/)?\.?/, '').replace(/:([a-z_]+)/g, '[$1]')}.ts`

describe('a route', () => {
  it.each(Object.keys(files))('leaves settings and errors to its verb: %s', (file) => {
    expect(files[file]).not.toMatch(/\bAppError\b|\bsettings\.|\b[A-Z]+_MODE\b(?!=)/)
  })
})

describe('the file of a route', () => {
  const contracts = routes.flatMap(({ method, path, operation }) =>
    operation ? [[method, path, operation.id] as const] : [],
  )

  it.each(contracts)('is named after its path, and its export after the operation: %s %s', (method, path, id) => {
    const text = files[fileOf(path)]
    expect(text, fileOf(path)).toBeDefined()
    expect(text).toContain(`path: '${path}'`)
    expect(text).toContain(`method: '${method}'`)
    expect(text).toMatch(new RegExp(`^export (const|function) ${id}Route\\b`, 'm'))
  })
})
