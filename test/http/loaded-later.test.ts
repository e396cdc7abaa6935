import { expect, it } from 'vitest'
import { routes } from '../../src/http/all-routes.ts'
import { commonRoutes } from '../../src/http/common-routes.ts'
import { loadedLater, type Part, partOf } from '../../src/http/routes/loaded-later.ts'

it('what is loaded later lies below the path that loads it, and nothing else does', async () => {
  const later = await Promise.all(
    Object.entries(loadedLater).map(async ([part, load]) => (await load()).map(({ path }) => [path, part as Part])),
  )
  for (const [path = '', part] of later.flat()) expect([path, partOf(path)]).toEqual([path, part])
  for (const { path } of commonRoutes) expect([path, partOf(path)]).toEqual([path, undefined])
  expect(routes).toHaveLength(commonRoutes.length + later.flat().length)
})
