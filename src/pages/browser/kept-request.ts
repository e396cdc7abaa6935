import type { KeptRequest, RequestKeeper } from './mail-sign-in.ts'

const KEY = 'latchkey-mail-sign-in'

/**
 * Keeps the request for a mail that signs in, so that the link of the mail also works in a new tab of this
 * browser. It is worth nothing without the mail. Where the browser stores nothing, the page itself keeps it.
 */
export const keptRequest: RequestKeeper = {
  read(): KeptRequest | undefined {
    try {
      const kept: KeptRequest = JSON.parse(localStorage.getItem(KEY) ?? '{}')
      if (kept.expiresAtMs > Date.now()) return kept
      localStorage.removeItem(KEY)
    } catch {}
    return undefined
  },
  write(kept: KeptRequest): void {
    try {
      localStorage.setItem(KEY, JSON.stringify(kept))
    } catch {}
  },
  remove(): void {
    try {
      localStorage.removeItem(KEY)
    } catch {}
  },
}
