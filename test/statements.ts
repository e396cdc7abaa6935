import { afterAll, expect } from 'vitest'
import { faultsOfCaught } from './support/held-statements.ts'

/**
 * Every statement that the tests of a file ran gives the columns that the code says, by name, order and type.
 */
afterAll(async () => {
  expect(await faultsOfCaught()).toEqual([])
})
