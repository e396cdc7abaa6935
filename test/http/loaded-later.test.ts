import { expect, it } from 'vitest'
import { routes } from '../../src/app/all-routes.ts'
import { commonRoutes } from '../../src/app/common-routes.ts'
import { loadedLater, type Part, partOf } from '../../src/app/loaded-later.ts'

it('routes that are loaded later are below the path that loads them, and no other route is', async () => {
  const later = await Promise.all(
    Object.entries(loadedLater).map(async ([part, load]) => (await load()).map(({ path }) => [path, part as Part])),
  )
  for (const [path = '', part] of later.flat()) expect([path, partOf(path)]).toEqual([path, part])
  for (const { path } of commonRoutes) expect([path, partOf(path)]).toEqual([path, undefined])
  expect(routes).toHaveLength(commonRoutes.length + later.flat().length)
})
