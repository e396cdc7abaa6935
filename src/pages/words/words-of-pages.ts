import type { english } from './en/index.ts'

/** The words of one language. A missing or superfluous one does not compile. */
export type Words = ReturnType<typeof english>
