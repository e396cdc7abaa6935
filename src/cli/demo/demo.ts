import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseSegment } from '../../compliance/archive/format/segment.ts'
import type { EventLine } from '../../compliance/archive/lines/to-lines.ts'
import type { ArchiveBytes } from '../../compliance/archive/verify/archive-source.ts'
import { totpCode } from '../../crypto/totp.ts'
import { openArchive } from '../archive/open-archive.ts'
import { say } from '../shared/command-result.ts'
import { triggerCron } from '../shared/trigger-cron.ts'
import { type DemoService, startOwnService, waitFor } from './own-service.ts'
import { type Body, tell, teller } from './print.ts'

const PASSWORD = 'correct horse battery staple'
const ARCHIVED_MS = 20_000
const PURGED_MS = 60_000

type Call = ReturnType<typeof teller>

/**
 * Takes an account through its whole life against a local service, and verifies the proof of its erasure.
 * @throws Error when an answer is not the expected one
 */
export async function demonstrate(): Promise<void> {
  say('Starting the service (a few seconds) …')
  await using service = await startOwnService()
  const call = teller(service.origin)
  const email = 'ada@example.com'

  const id = await openAccount(service, call, email)
  const oneFactor = await useAccount(call, email)
  const tokens = await addAuthenticatorApp(call, email, oneFactor)
  await askForEverything(service, call, tokens)
  const deletedAt = await deleteAccount(call, email, tokens)
  await proveErasure(service, call, { id, email, deletedAt })
}

async function openAccount(service: DemoService, call: Call, email: string): Promise<string> {
  tell('Ada opens an account. Her browser asks not to have her data sold.')
  const registration = { email, password: PASSWORD, full_name: 'Ada Lovelace' }
  const { id } = await call('/api/v1/auth/register', { body: registration, headers: { 'sec-gpc': '1' }, expect: 201 })
  await call('/api/v1/auth/register', { body: registration, expect: 409 })

  tell('She follows the link in her mail.')
  const link = await service.waitForLink('verify-email')
  const token = new URLSearchParams(link.hash.slice(1)).get('token')
  await call('/api/v1/auth/verify-email', { body: { token }, expect: 204 })
  await call('/api/v1/auth/verify-email', { body: { token }, expect: 400 })
  return id
}

async function useAccount(call: Call, email: string): Promise<Body> {
  tell('She signs in; a wrong password is answered like an unknown address.')
  await call('/api/v1/auth/login', { body: { email, password: 'a wrong one' }, expect: 401 })
  const tokens = await call('/api/v1/auth/login', { body: { email, password: PASSWORD }, expect: 200 })
  const token = tokens.access_token

  tell('She reads and changes her profile, and consents to a newsletter.')
  await call('/api/v1/users/me', { token, expect: 200 })
  await call('/api/v1/users/me', { method: 'PATCH', body: { bio: 'Computes.' }, token, expect: 200 })
  await call('/api/v1/users/me', { method: 'PATCH', body: { is_verified: true }, token, expect: 422 })
  const decision = { version: '2026-11', decision: 'granted' }
  await call('/api/v1/users/me/consents/newsletter', { method: 'PUT', body: decision, token, expect: 200 })

  tell('Her application gets a new access token. Devices, and what happened to the account:')
  const fresh = await call('/api/v1/auth/refresh', { body: { refresh_token: tokens.refresh_token }, expect: 200 })
  await call('/api/v1/users/me/sessions', { token: fresh.access_token, expect: 200 })
  await call('/api/v1/users/me/activity?limit=2', { token: fresh.access_token, expect: 200 })
  return fresh
}

async function addAuthenticatorApp(call: Call, email: string, { access_token: token }: Body): Promise<Body> {
  tell('She adds an authenticator app, and gets recovery codes. From now on the password alone opens no session.')
  const { secret, ticket } = await call('/api/v1/users/me/totp/options', { method: 'POST', token, expect: 200 })
  const code = totpCode(secret, Date.now())
  const { recovery_codes } = await call('/api/v1/users/me/totp', { body: { ticket, code }, token, expect: 201 })
  const { mfa_token } = await call('/api/v1/auth/login', { body: { email, password: PASSWORD }, expect: 200 })
  say('  A code works once, so she takes a recovery code instead of waiting for the next one.')
  await call('/api/v1/auth/mfa', { body: { mfa_token, totp: code }, expect: 401 })
  const [recovery_code] = recovery_codes
  return await call('/api/v1/auth/mfa', { body: { mfa_token, recovery_code }, expect: 200 })
}

async function askForEverything({ origin }: DemoService, call: Call, { access_token: token }: Body): Promise<void> {
  tell('She exports all her data.')
  const { id } = await call('/api/v1/users/me/export', { method: 'POST', token, expect: 202 })
  await triggerCron(origin)
  const { download } = await call(`/api/v1/users/me/export/${id}`, { token, expect: 200 })
  const bundle = await call(download, { token, expect: 200 })
  say(`  The manifest names ${bundle.manifest.stores.length} stores, and how long each keeps data.`)
}

/** @returns a time before her last event, which is a refused sign-in */
async function deleteAccount(call: Call, email: string, tokens: Body): Promise<number> {
  tell('She deletes the account. Every session ends at once.')
  await call('/api/v1/users/me', { method: 'DELETE', token: tokens.access_token, expect: 202 })
  await call('/api/v1/users/me', { token: tokens.access_token, expect: 401 })
  await call('/api/v1/auth/refresh', { body: { refresh_token: tokens.refresh_token }, expect: 401 })
  say('  For 30 days (none in this demonstration) she could come back by signing in. Now:')
  const deletedAt = Date.now()
  await call('/api/v1/auth/login', { body: { email, password: PASSWORD }, expect: 401 })
  return deletedAt
}

interface Deleted {
  readonly id: string
  readonly email: string
  readonly deletedAt: number
}

async function proveErasure(service: DemoService, call: Call, { id, email, deletedAt }: Deleted): Promise<void> {
  tell('An auditor keeps the newest signed head of the audit archive, and the keys of its log and of a witness.')
  await waitForEvent(service, 'user.registered')
  const kept = await call('/.well-known/audit-checkpoint', { expect: 200 })
  const inFolder = (name: string) => join(service.state, '..', name)
  const [checkpoint, policy, proof] = [inFolder('checkpoint.json'), inFolder('policy'), inFolder('ada.latchkey-proof')]
  writeFileSync(checkpoint, JSON.stringify(kept))
  const logs: readonly string[] = kept.log_keys.map((key: string) => `log ${key}`)
  writeFileSync(policy, [...logs, `witness auditor ${service.witnessKey}`, 'quorum auditor\n'].join('\n'))

  tell('The purge runs, as the cron would once a day, when all her events are archived.')
  const { state, origin } = service
  await waitForEvent(service, 'user.sign_in_failed', deletedAt)
  // On a slow machine the consumer may not have told the database yet. The purge then waits for that.
  const purge = () => run('erasures', 'run', '--url', origin, '--persist-to', state)
  await waitFor(async () => (await purge()).includes('"erased":1'), PURGED_MS)

  tell('When the log is published again, the operator hands her one file, the proof.')
  await waitForEvent(service, 'user.erased')
  const file = await waitFor(async () => {
    await triggerCron(origin)
    return await run('erasures', 'proof', id, '--url', origin, '--persist-to', state).catch(() => false as const)
  }, PURGED_MS)
  writeFileSync(proof, file)

  tell('Anybody verifies it without the service and the network, against a checkpoint that the witness cosigned:')
  await run('receipt', 'verify', proof, '--policy', policy)

  tell('The whole audit archive, from the kept head to the erasure:')
  await run('audit', 'verify', '--persist-to', state, '--checkpoint', checkpoint)

  tell('Her address can be registered again.')
  await call('/api/v1/auth/login', { body: { email, password: PASSWORD }, expect: 401 })
  await call('/api/v1/auth/register', { body: { email, password: PASSWORD }, expect: 201 })
  say('\nDone. Next: npm run dev, then http://localhost:8787/docs')
}

/**
 * Waits until the archive contains an event. The queue's consumer waits up to five seconds for more events
 * before it writes a segment. The published checkpoint moves only when the cron runs.
 * @param since Unix milliseconds; an earlier event does not count
 */
async function waitForEvent({ state }: DemoService, action: string, since = 0): Promise<void> {
  const isWanted = (event: EventLine) => event.action === action && event.occurred_at >= since
  await openArchive({ persistTo: state }, (archive) =>
    waitFor(async () => (await readEvents(archive)).some(isWanted), ARCHIVED_MS),
  )
}

async function readEvents(archive: ArchiveBytes): Promise<EventLine[]> {
  const events: EventLine[] = []
  for await (const path of archive.list('audit/')) {
    const segment = parseSegment(new TextDecoder().decode(await archive.read(path)))
    events.push(...(segment?.lines ?? []))
  }
  return events
}

/**
 * Runs an operator's command and prints its output. It does not use `spawnSync`, because this process must
 * notice meanwhile that the service closes idle connections.
 * @throws Error when the command fails
 */
async function run(...words: string[]): Promise<string> {
  const shown = words.map((word) => (word.startsWith('/') ? word.slice(word.lastIndexOf('/') + 1) : word))
  say(`  npx --no-install latchkey ${shown.join(' ')}`)
  const command = join(import.meta.dirname, '..', 'latchkey.js')
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...words])
  for (const line of stdout.trimEnd().split('\n')) say(`  ${line.slice(0, 118)}`)
  return stdout
}
