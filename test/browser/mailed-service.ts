import type { Browser } from 'playwright-core'
import { expect } from 'vitest'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { type Api, apiOf } from './api.ts'
import { startChromium } from './chromium.ts'

export const PASSWORD = 'correct horse battery staple'

/** A service that mails, and a browser. */
export interface MailedService extends AsyncDisposable {
  readonly service: DevService
  readonly mails: MailServer
  readonly browser: Browser
  readonly api: Api
  /** The address of a new person, who has proven it. */
  newPerson(): Promise<string>
}

/** @param settings in addition to those for mail */
export async function startMailedService(settings: Readonly<Record<string, string>> = {}): Promise<MailedService> {
  await using started = new AsyncDisposableStack()
  const browser = await startChromium()
  started.defer(() => browser.close())
  const mails = started.use(await startMailServer())
  const smtp = {
    MAIL_TRANSPORT: 'smtp',
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(mails.port),
    SMTP_SECURITY: 'none',
  }
  const service = started.use(await startDevService({ settings: { ...smtp, ...settings } }))
  const api = apiOf(service.origin)
  const all = started.move()
  let counter = 0
  return {
    service,
    mails,
    browser,
    api,
    async newPerson() {
      const email = `person${++counter}@example.com`
      await api.post('/auth/register', { email, password: PASSWORD })
      const [link = ''] = (await mails.take(email, /Confirm/)).links
      const token = new URL(link).hash.slice('#token='.length)
      expect((await api.post('/auth/verify-email', { token })).status).toBe(204)
      return email
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
