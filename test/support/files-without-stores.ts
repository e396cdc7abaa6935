import { globSync, readFileSync } from 'node:fs'

/** How a test file reaches a binding: directly, through the shared helpers, or through the application. */
const REACHES_STORES = /from '(?:cloudflare:|[./]+\/support\/|[./]+\/src\/(?:http\/app|deps|index)\.ts)/
/** These modules import bindings, but use none that stores anything. */
const USES_NONE = /^test\/(?:core\/|crypto\/|config\.test\.ts)/

/**
 * Test files that have no stores to empty, as the end of the path that vitest reports. A trial of a mutant
 * imports its tests in its own way, so its text does not show what they reach.
 */
export const filesWithoutStores: readonly string[] = globSync([
  'test/*.test.ts',
  'test/!(deep|node|mutation)/**/*.test.ts',
]).filter((file) => USES_NONE.test(file) || !REACHES_STORES.test(readFileSync(file, 'utf8')))
