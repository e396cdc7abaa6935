/**
 * A second archiving of an event is detected if at most this many events lie between (about 100 MB of ids).
 */
const DUPLICATE_WINDOW = 500_000

/** Remembers the newest ids in bounded memory: between one and two windows of them. */
export class SeenIds {
  readonly #window: number
  #newer = new Set<string>()
  #older = new Set<string>()

  constructor(window = DUPLICATE_WINDOW) {
    this.#window = window
  }

  /** @returns false when the id is already remembered */
  add(id: string): boolean {
    if (this.#newer.has(id) || this.#older.has(id)) return false
    if (this.#newer.size >= this.#window) {
      this.#older = this.#newer
      this.#newer = new Set()
    }
    this.#newer.add(id)
    return true
  }
}
