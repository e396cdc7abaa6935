import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Starts the installed Chromium. @throws with instructions if it is not installed */
export const startChromium = (args: string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: findChromium(), args })

/**
 * A Chromium that allows third-party cookies, which Debian's build blocks by default.
 */
export async function startPermissiveChromium(): Promise<PermissiveChromium> {
  const executablePath = findChromium()
  const profile = mkdtempSync(join(tmpdir(), 'latchkey-chromium-'))
  mkdirSync(join(profile, 'Default'))
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify({ profile: { cookie_controls_mode: 0 } }))
  const context = await chromium.launchPersistentContext(profile, { executablePath })
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

interface PermissiveChromium extends AsyncDisposable {
  readonly context: BrowserContext
}

function findChromium(): string {
  const { CHROMIUM } = process.env
  const path = (CHROMIUM === undefined ? PLACES : [CHROMIUM]).find((place) => existsSync(place))
  if (path !== undefined) return path
  throw new Error(
    'The browser tests need Chromium. On Debian or Ubuntu: sudo apt-get install chromium. Elsewhere install Chromium or Chrome, and if it is not found: CHROMIUM=/path/to/chrome npm run test:browser',
  )
}
