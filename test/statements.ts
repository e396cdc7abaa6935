import { afterAll, expect } from 'vitest'
import { faultsOfCaught } from './support/held-statements.ts'

/**
 * Checks every statement that the tests of a file ran: its columns must have the names, the order and the
 * types that the code declares.
 */
afterAll(async () => {
  expect(await faultsOfCaught()).toEqual([])
})
