import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../../src/crypto/encoding.ts'

describe('base64url', () => {
  it('decodes to the bytes that were encoded', () => {
    const property = fc.property(fc.uint8Array(), (bytes) => {
      expect(fromBase64url(toBase64url(bytes))).toEqual(bytes)
    })
    fc.assert(property)
  })

  it('is decoded when it is as long as the export of a person with much data', () => {
    const bytes = new Uint8Array(12_000_001).fill(7)
    expect(fromBase64url(toBase64url(bytes))?.length).toBe(bytes.length)
  })

  it('is undefined for any text that is not canonical, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\w-]{0,9}$/)), (text) => {
        const bytes = fromBase64url(text)
        if (bytes !== undefined) expect(Buffer.from(bytes).toString('base64url')).toBe(text)
      }),
    )
    for (const text of ['A', 'AAAAA', 'AB', 'AA=', 'AA==', 'A+/A', 'AA AA', 'AAAA\n', 'é']) {
      expect(fromBase64url(text)).toBeUndefined()
    }
  })
})

describe('UTF-8', () => {
  it('decodes to the text that was encoded, including a byte order mark', () => {
    const property = fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(fromUtf8(utf8(text))).toBe(text)
    })
    fc.assert(property)
    expect(fromUtf8(utf8('\ufeffa'))).toBe('\ufeffa')
  })

  it('is refused when it is not UTF-8', () => {
    expect(() => fromUtf8(new Uint8Array([0xc0, 0x80]))).toThrow(TypeError)
  })
})
