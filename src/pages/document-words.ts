import type { ScreenName } from './screens.ts'

/** The words that a document has before its script runs. */
export interface DocumentWords {
  readonly needsScript: string
  /** The script has not started after some seconds. */
  readonly notStarted: string
  /** The title of the document and the heading of the screen. */
  readonly titles: Readonly<Record<ScreenName, string>>
  readonly refused: RefusalWords
}

/** The page of a social sign-in that cannot be redirected back to the application. */
export interface RefusalWords {
  /** The sign-in was not started in this browser, took too long, or is already complete. */
  readonly invalid_state: TextWords
  /** Every other error. */
  readonly other: TextWords
  /** The link back to the application that started the sign-in. */
  readonly back: string
  /** The link back to a page of the service itself. */
  readonly backHere: string
}

interface TextWords {
  readonly heading: string
  /** Paragraphs. */
  readonly text: readonly string[]
}
