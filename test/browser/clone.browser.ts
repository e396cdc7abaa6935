import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startChromium } from './chromium.ts'
import { fill, press, see } from './steps.ts'

/**
 * What the README promises to whoever tries the service: two commands, and three minutes on a fast network.
 */
const PROMISED_MS = 180_000

let folder: string
let browser: Browser
let service: ChildProcess | undefined
let printed = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-clone-'))
  browser = await startChromium()
})

afterAll(async () => {
  await browser?.close()
  // The process group that this test started: npm, the service and its runtime.
  if (service?.pid !== undefined) process.kill(-service.pid, 'SIGTERM')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** Waits until the service has printed a text, and returns it. */
async function read(pattern: RegExp): Promise<string> {
  await expect.poll(() => printed, { timeout: 240_000, interval: 200 }).toMatch(pattern)
  return pattern.exec(printed)?.[0] ?? ''
}

it('a person is signed up in the browser three minutes after the clone', { timeout: 300_000 }, async () => {
  const began = Date.now()
  const clone = join(folder, 'latchkey')
  execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${process.cwd()}`, clone])
  service = spawn('npm ci && npm run dev', {
    cwd: clone,
    shell: true,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [service.stdout, service.stderr])
    stream?.on('data', (chunk) => {
      printed += String(chunk)
    })

  const address = (await read(/Sign up: http\S+/)).slice('Sign up: '.length)
  const context = await browser.newContext({ locale: 'en-GB' })
  const page = await context.newPage()
  // Whoever opens the bare address is led to the account, which asks to sign in.
  await page.goto(new URL('/', address).href)
  await see(page, 'Sign in')
  await page.goto(address)
  await fill(page, 'E-mail address', 'ada@example.com')
  await fill(page, 'New password', 'correct horse battery staple')
  await press(page, 'Create account')
  await see(page, 'Check your inbox')
  const link = await read(/http\S+verify-email#token=\S+/)
  const tab = await context.newPage()
  await tab.goto(link)
  await press(tab, 'Confirm address')
  await see(tab, 'Your address is confirmed')
  await page.getByRole('main').getByRole('button').first().click()
  await see(page, 'Your account')
  await page.getByText('ada@example.com').first().waitFor()
  expect(Date.now() - began).toBeLessThan(PROMISED_MS)
})
