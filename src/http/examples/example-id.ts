import type { UserId } from '../../core/ids.ts'

/**
 * The id in all examples. It has its own file because `examples.ts` imports the code that builds answers, and
 * esbuild does not remove unused code from modules that are loaded with `import()`.
 */
export const EXAMPLE_ID = '47df5603-79f3-4515-abad-9787e8cd7471' as UserId
