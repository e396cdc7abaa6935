import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertionResponseSchema, registrationResponseSchema } from '../../src/crypto/webauthn/responses.ts'
import { verifyAssertion } from '../../src/crypto/webauthn/verify-assertion.ts'
import { verifyRegistration } from '../../src/crypto/webauthn/verify-registration.ts'
import type { newAuthenticator } from '../support/authenticator.ts'
import { oracleProves, oracleRegisters } from '../support/webauthn-oracle.ts'
import { type Application, startApplication } from './application.ts'
import { startChromium } from './chromium.ts'

type Answers = ReturnType<typeof newAuthenticator>
type Created = Awaited<ReturnType<Answers['create']>>
type Asserted = Awaited<ReturnType<Answers['get']>>

const CHALLENGE = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'
/** The model that Chromium gives the authenticators of its tests. It hides that of a security key. */
const AAGUID = { internal: '01020304-0506-0708-0102-030405060708', usb: '00000000-0000-0000-0000-000000000000' }

let browser: Browser
let application: Application
let page: Page
let devTools: CDPSession

beforeAll(async () => {
  browser = await startChromium()
  application = await startApplication()
  page = await browser.newPage()
  await page.goto(application.origin)
  devTools = await page.context().newCDPSession(page)
  await devTools.send('WebAuthn.enable', { enableUI: false })
})

afterAll(async () => {
  await Promise.all([browser?.close(), application?.[Symbol.asyncDispose]()])
})

interface Device {
  readonly transport: 'internal' | 'usb'
  readonly isVerified: boolean
  readonly isBackupEligible: boolean
}

async function withDevice<Result>({ transport, isVerified, isBackupEligible }: Device, use: () => Promise<Result>) {
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport,
      hasResidentKey: isVerified,
      hasUserVerification: isVerified,
      isUserVerified: isVerified,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: isBackupEligible,
      defaultBackupState: isBackupEligible,
    },
  })
  try {
    return await use()
  } finally {
    await devTools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
  }
}

const create = (algorithms: readonly number[], isVerified: boolean): Promise<Created> =>
  page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify({
      rp: { id: 'localhost', name: 'Latchkey' },
      user: { id: 'AQID', name: 'ada@example.com', displayName: 'Ada' },
      challenge: CHALLENGE,
      pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
      authenticatorSelection: {
        residentKey: isVerified ? 'required' : 'discouraged',
        userVerification: isVerified ? 'required' : 'discouraged',
      },
      extensions: { credProps: true },
    })})
    return (await navigator.credentials.create({ publicKey })).toJSON()
  })()`)

const get = (id: string, isVerified: boolean): Promise<Asserted> =>
  page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify({
      rpId: 'localhost',
      challenge: CHALLENGE,
      userVerification: isVerified ? 'required' : 'discouraged',
      // A security key finds no passkey by itself.
      allowCredentials: isVerified ? [] : [{ type: 'public-key', id }],
    })})
    return (await navigator.credentials.get({ publicKey })).toJSON()
  })()`)

describe('the answers of Chromium', () => {
  it.each([
    [-7, { transport: 'internal', isVerified: true, isBackupEligible: true }],
    [-8, { transport: 'internal', isVerified: true, isBackupEligible: false }],
    [-257, { transport: 'internal', isVerified: true, isBackupEligible: false }],
    [-7, { transport: 'usb', isVerified: false, isBackupEligible: false }],
  ] as const)('register and prove a passkey, here and for SimpleWebAuthn: %i, %o', async (algorithm, device) => {
    const expected = {
      challenge: CHALLENGE,
      origins: [application.origin],
      rpId: 'localhost',
      needsUserPresence: true,
      needsUserVerification: device.isVerified,
      algorithms: [algorithm],
    }
    await withDevice(device, async () => {
      const created = await create([algorithm], device.isVerified)
      const registered = await verifyRegistration(registrationResponseSchema.parse(created), expected)
      expect(registered).toMatchObject({
        ok: true,
        publicKey: { alg: algorithm },
        isUserVerified: device.isVerified,
        isBackupEligible: device.isBackupEligible,
        isBackedUp: device.isBackupEligible,
        transports: [device.transport],
        aaguid: AAGUID[device.transport],
      })
      expect(created.clientExtensionResults.credProps).toEqual({ rk: device.isVerified })
      expect(await oracleRegisters(created, expected)).toBe(true)
      if (!registered.ok) return
      const asserted = await get(created.id, device.isVerified)
      const proven = await verifyAssertion(assertionResponseSchema.parse(asserted), registered, expected)
      expect(proven).toMatchObject({ ok: true, isUserVerified: device.isVerified })
      expect(asserted.response.userHandle).toBe(device.isVerified ? 'AQID' : undefined)
      expect(await oracleProves(created, asserted, expected)).toBe(true)
      const elsewhere = { ...expected, origins: ['http://localhost'] }
      expect(await verifyAssertion(asserted, registered, elsewhere)).toEqual({ ok: false, failure: 'origin' })
      expect(await oracleProves(created, asserted, elsewhere)).toBe(false)
    })
  })
})
