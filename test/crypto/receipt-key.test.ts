import { CompactSign } from 'jose'
import { expect, it } from 'vitest'
import { utf8 } from '../../src/crypto/encoding.ts'
import { deriveP256KeyPair } from '../../src/crypto/p256-key.ts'
import { createReceiptSigner, verifyReceipt } from '../../src/crypto/receipt-key.ts'
import { ringOf } from '../support/keys.ts'

const TYPE = 'latchkey-erasure+jws'
const RECEIPT = { erased: 'somebody' }

it('a receipt is verified with its signer’s key, and only as its own type (U2)', async () => {
  const { publicKey, sign } = await createReceiptSigner(await ringOf(1))
  const receipt = await sign(TYPE, RECEIPT)
  expect(await verifyReceipt(TYPE, receipt, async () => publicKey)).toEqual(RECEIPT)
  expect(await verifyReceipt('latchkey-checkpoint+jws', receipt, async () => publicKey)).toBeUndefined()
})

it('a receipt is refused when the spare bits of its last character are changed (U2)', async () => {
  const { publicKey, sign } = await createReceiptSigner(await ringOf(1))
  const receipt = await sign(TYPE, RECEIPT)
  for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef'.replace(receipt.slice(-1), '')) {
    expect(await verifyReceipt(TYPE, receipt.slice(0, -1) + last, async () => publicKey)).toBeUndefined()
  }
})

it('a receipt of another key is refused, even if that key was stored under the right kid (U2)', async () => {
  const { kid } = (await createReceiptSigner(await ringOf(1))).publicKey
  const forger = await deriveP256KeyPair((await ringOf(2)).newest.root, 'receipt')
  const forged = await new CompactSign(utf8(JSON.stringify(RECEIPT)))
    .setProtectedHeader({ alg: 'ES256', typ: TYPE, kid })
    .sign(forger.privateKey)
  expect(await verifyReceipt(TYPE, forged, async () => ({ ...forger.publicJwk, kid }))).toBeUndefined()
})
