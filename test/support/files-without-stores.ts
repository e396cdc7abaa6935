import { globSync, readFileSync } from 'node:fs'

/** How a test comes to a binding: by itself, by what the tests share, or with the application. */
const REACHES_STORES = /from '(?:cloudflare:|[./]+\/support\/|[./]+\/src\/(?:http\/app|deps|index)\.ts)/
/** These ask for bindings, and use none that keeps anything. */
const USES_NONE = /^test\/(?:core\/|crypto\/|config\.test\.ts)/

/** Test files that have no stores to empty, as vitest ends their paths. */
export const filesWithoutStores: readonly string[] = globSync([
  'test/*.test.ts',
  'test/!(deep|node)/**/*.test.ts',
]).filter((file) => USES_NONE.test(file) || !REACHES_STORES.test(readFileSync(file, 'utf8')))
