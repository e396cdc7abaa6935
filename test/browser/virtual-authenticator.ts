import type { CDPSession, Page } from 'playwright-core'

/** An authenticator of Chromium, which the Chrome DevTools Protocol drives. */
export interface VirtualAuthenticator {
  /** The ids of its passkeys, as CDP writes them. */
  credentialIds(): Promise<string[]>
  /** Whether its user is verified when it is asked to. */
  verify(isVerified: boolean): Promise<void>
  remove(): Promise<void>
}

const PHONE = { transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true } as const
const SECURITY_KEY = { transport: 'usb', hasResidentKey: false, hasUserVerification: false } as const

export const addPhone = (page: Page): Promise<VirtualAuthenticator> =>
  add(page, {
    ...PHONE,
    automaticPresenceSimulation: true,
    defaultBackupEligibility: true,
    defaultBackupState: true,
  })

export const addSecurityKey = (page: Page): Promise<VirtualAuthenticator> =>
  add(page, { ...SECURITY_KEY, automaticPresenceSimulation: true })

type Options = Omit<Parameters<typeof addOver>[1], 'protocol' | 'ctap2Version'>

async function add(page: Page, options: Options): Promise<VirtualAuthenticator> {
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('WebAuthn.enable', { enableUI: false })
  return addOver(devTools, { protocol: 'ctap2', ctap2Version: 'ctap2_1', ...options })
}

async function addOver(
  devTools: CDPSession,
  options: {
    readonly protocol: 'ctap2'
    readonly ctap2Version: 'ctap2_1'
    readonly transport: 'internal' | 'usb'
    readonly hasResidentKey: boolean
    readonly hasUserVerification: boolean
    readonly isUserVerified?: boolean
    readonly automaticPresenceSimulation: boolean
    readonly defaultBackupEligibility?: boolean
    readonly defaultBackupState?: boolean
  },
): Promise<VirtualAuthenticator> {
  const { authenticatorId } = await devTools.send('WebAuthn.addVirtualAuthenticator', { options })
  return {
    async credentialIds() {
      const { credentials } = await devTools.send('WebAuthn.getCredentials', { authenticatorId })
      return credentials.map(({ credentialId }) => credentialId)
    },
    async verify(isUserVerified) {
      await devTools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
    async remove() {
      await devTools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
    },
  }
}
