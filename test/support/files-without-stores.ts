import { globSync, readFileSync } from 'node:fs'

/** How a test file reaches a binding: directly, through the shared helpers, or through the application. */
const REACHES_STORES = /from '(?:cloudflare:|[./]+\/support\/|[./]+\/src\/(?:http\/app|deps|index)\.ts)/
/** These modules import bindings, but use none that stores anything. */
const USES_NONE = /^test\/(?:core\/|crypto\/|config\.test\.ts)/

/** Test files that have no stores to empty, as the end of the path that vitest reports. */
export const filesWithoutStores: readonly string[] = globSync([
  'test/*.test.ts',
  'test/!(deep|node)/**/*.test.ts',
]).filter((file) => USES_NONE.test(file) || !REACHES_STORES.test(readFileSync(file, 'utf8')))
