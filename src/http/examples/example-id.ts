import type { UserId } from '../../core/ids.ts'

/**
 * The id in all examples. Apart from `examples.ts`, which imports the code of answers: the document is loaded
 * when it is asked for, and esbuild drops nothing unused of what a module that is loaded so imports.
 */
export const EXAMPLE_ID = '47df5603-79f3-4515-abad-9787e8cd7471' as UserId
