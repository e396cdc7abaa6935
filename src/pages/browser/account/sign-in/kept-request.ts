const KEY = 'latchkey-mail-sign-in'

/** What the service gave to the browser that asked for a mail. Code and link work together with it alone. */
export interface KeptRequest {
  readonly request: string
  /** Unix milliseconds. */
  readonly expiresAtMs: number
  /** The query of the page, which says where the person wants to go. */
  readonly search: string
}

let ofPage: KeptRequest | undefined

/**
 * The request of this page, or of another tab of this browser, so that the link of the mail also works in a
 * new tab. It is worth nothing without the mail. Where the browser stores nothing, the page keeps it.
 */
export function readRequest(): KeptRequest | undefined {
  return [ofPage, stored()].find((kept) => kept !== undefined && kept.expiresAtMs > Date.now())
}

function stored(): KeptRequest | undefined {
  try {
    const text = localStorage.getItem(KEY)
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

export function keepRequest(kept: KeptRequest): void {
  ofPage = kept
  try {
    localStorage.setItem(KEY, JSON.stringify(kept))
  } catch {}
}

export function forgetRequest(): void {
  ofPage = undefined
  try {
    localStorage.removeItem(KEY)
  } catch {}
}
