/**
 * A map with a fixed capacity. When it is full, a new entry replaces the least recently used one. Every entry
 * expires after `ttlMs`.
 */
export class LruMap<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly expiresAtMs: number }>()
  readonly #capacity: number
  readonly #ttlMs: number

  constructor(capacity: number, ttlMs: number) {
    this.#capacity = capacity
    this.#ttlMs = ttlMs
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (entry.expiresAtMs <= Date.now()) return undefined
    this.#entries.set(key, entry)
    return entry.value
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key)
    const oldest = this.#entries.size >= this.#capacity ? this.#entries.keys().next().value : undefined
    if (oldest !== undefined) this.#entries.delete(oldest)
    this.#entries.set(key, { value, expiresAtMs: Date.now() + this.#ttlMs })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}
