/** Ids of one pass, at most (about 100 MB). */
const CAPACITY = 5_000_000

const FIRST_SIZE = 2 ** 12

/**
 * Finds repeated ids in bounded memory, at any distance. It keeps 53 bits of a hash of each id. When it is
 * full, it halves the share of ids that it keeps, and the caller reads the archive again for each other
 * share. An id that it reports may be another id with the same hash, so the caller compares.
 */
export class SeenIds {
  readonly #capacity: number
  readonly #share: number
  #table = new Float64Array(FIRST_SIZE)
  #size = 0
  #shares: number

  /**
   * @param share which share of the ids this pass keeps
   * @param shares how many there are; the first pass finds out
   */
  constructor({ share = 0, shares = 1, capacity = CAPACITY } = {}) {
    this.#share = share
    this.#shares = shares
    this.#capacity = capacity
  }

  /** How many passes the archive needs. */
  get shares(): number {
    return this.#shares
  }

  /** @returns false when the id was probably added before */
  add(id: string): boolean {
    const hash = hashOf(id)
    if (!this.#isKept(hash)) return true
    if (!this.#insert(hash)) return false
    const isFull = ++this.#size > this.#capacity && this.#share === 0
    if (isFull) this.#shares *= 2
    if (isFull || this.#size * 2 > this.#table.length) this.#rebuild()
    return true
  }

  #isKept(hash: number): boolean {
    return hash % this.#shares === this.#share
  }

  #insert(hash: number): boolean {
    const { length } = this.#table
    // The lowest bits are the same for all ids of a share.
    let slot = Math.floor(hash / 4096) % length
    for (; this.#table[slot] !== 0; slot = (slot + 1) % length) if (this.#table[slot] === hash) return false
    this.#table[slot] = hash
    return true
  }

  #rebuild(): void {
    const kept = this.#table.filter((hash) => hash !== 0 && this.#isKept(hash))
    this.#size = kept.length
    this.#table = new Float64Array(Math.max(FIRST_SIZE, 2 ** Math.ceil(Math.log2(kept.length * 4))))
    for (const hash of kept) this.#insert(hash)
  }
}

/**
 * 53 bits, not 0. Two multiplicative hashes of 32 bits (cyrb53): no attacker can choose ids that a service
 * signs.
 */
function hashOf(id: string): number {
  let [a, b] = [0xdeadbeef, 0x41c6ce57]
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i)
    a = Math.imul(a ^ code, 2_654_435_761)
    b = Math.imul(b ^ code, 1_597_334_677)
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909)
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909)
  return 4_294_967_296 * (2_097_151 & b) + (a >>> 0) + 1
}
