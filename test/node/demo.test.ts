import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

// The demonstration waits for a service to start, and twice for the consumer, which waits five seconds for
// more events.
it('npm run demo ends with an erasure whose proof and audit trail verify', { timeout: 180_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/cli/latchkey.js', 'demo'], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/POST \/api\/v1\/auth\/mfa .*"recovery_code".*\n {2}200 \{"access_token"/)
  expect(stdout).toContain('receipt verify ada.latchkey-proof --policy policy')
  expect(stdout).toMatch(/OK: the data of user [0-9a-f-]{36} was erased\./)
  expect(stdout).toMatch(/witness {4}localhost\/witness/)
  expect(stdout).toMatch(/log {8}localhost\/audit, line \d+ of \d+/)
  expect(stdout).toMatch(/OK: \d+ segments with \d+ events are one unbroken chain\./)
  expect(stdout).toMatch(/It continues the checkpoint of segment [12] that you kept/)
  expect(stdout).toContain('Done.')
})

it('npm run demo takes no words that it does not know', () => {
  const { status, stderr } = spawnSync(process.execPath, ['src/cli/latchkey.js', 'demo', 'stray'], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('--help explains.') })
})
