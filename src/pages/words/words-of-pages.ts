import type { englishAccount } from './en/account.ts'
import type { english } from './en/index.ts'

/** The words of one language. A missing or superfluous one does not compile. */
export type Words = ReturnType<typeof english>

/** The same for the screens of a person's own and those that mails lead to. */
export type AccountWords = ReturnType<typeof englishAccount>
