import type { Page } from 'playwright-core'
import type { DevService } from '../support/dev-service.ts'
import { change } from '../support/local-database.ts'

const HOUR_MS = 3_600_000

/**
 * Makes the sessions that a page opens an hour old, so that a change needs a step-up. The page takes the
 * access token of the sign-in for expired, and its next one says how old the session is.
 */
export async function turnBack(
  page: Page,
  service: DevService,
  path: 'login' | 'mfa' | 'email/confirm' | 'oauth/token',
): Promise<void> {
  await page.route(`**/api/v1/auth/${path}`, async (route) => {
    const answer = await route.fetch()
    const session = await answer.json()
    if (session.access_token === undefined) return route.fulfill({ response: answer })
    change(service, 'UPDATE sessions SET auth_time = auth_time - ?', HOUR_MS)
    return route.fulfill({ response: answer, json: { ...session, expires_in: 1 } })
  })
}
