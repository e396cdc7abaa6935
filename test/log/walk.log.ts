import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatNoteKey } from '../../src/tlog/note.ts'
import { put, signerFrom } from '../node/archive-fixture.ts'
import { codeBlocks } from '../support/code-blocks.ts'
import { runLatchkey } from '../support/command-runs.ts'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { erasureFileOf, erasureOf, lineWith, logSigner, signLog, witnessSigner } from '../support/proof-files.ts'
import { ownFolder } from './case.ts'
import { GO, GO_ENVIRONMENT } from './go.ts'

const PROGRAM = 'docs/auditor/verify-erasure.go'
const PAGE = 'docs/compliance.md'

/** Compiles the program of the page into a folder. */
function build(folder: string): string {
  const path = join(folder, 'verify')
  const built = spawnSync(GO, ['build', '-o', path, PROGRAM], { env: GO_ENVIRONMENT, encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
  return path
}

it('has a short program', () => {
  const lines = readFileSync(PROGRAM, 'utf8').split('\n')
  const imports = lines.indexOf('import (')
  expect(lines.slice(lines.indexOf(')', imports)).filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(80)
})

describe('the program of the page', () => {
  const folder = ownFolder()
  let run: (file: string, keys: readonly string[]) => { status: number | null; said: string }

  beforeAll(() => {
    const program = build(folder.path)
    run = (file, keys) => {
      put(folder.path, 'proof', file)
      const { status, stdout, stderr } = spawnSync(program, [join(folder.path, 'proof'), ...keys], { encoding: 'utf8' })
      return { status, said: stdout + stderr }
    }
  })
  afterAll(() => folder[Symbol.dispose]())

  it('K20 accepts a proof, and none of another log, another receipt, or without a witness', async () => {
    const signer = await signerFrom('receipts')
    const [log, witness] = [await logSigner('id.example/audit'), await witnessSigner('w.example')]
    const [own, other] = [await erasureOf(signer, 'user-1'), await erasureOf(signer, 'user-2')]
    const lines = [
      ...Array.from({ length: 300 }, (_, i) => lineWith(`event ${i}`, 'user.signed_in')),
      own.line,
      other.line,
    ]
    const signed = await signLog(lines, { signers: [log], witnesses: [witness] })
    const file = erasureFileOf({ signer, receipt: own.receipt, log: signed, index: 300 })
    const keys = [log, witness].map(formatNoteKey)
    expect(run(file, keys)).toMatchObject({ status: 0, said: expect.stringContaining('"user_id":"user-1"') })
    expect(run(file, keys.slice(0, 1))).toMatchObject({ status: 0 })
    const refused = async (name: string, text: string, by: readonly string[] = keys) =>
      expect(run(text, by), name).toMatchObject({ status: 1, said: expect.stringContaining('FAILED') })
    await refused('another key', file, [formatNoteKey(await logSigner('id.example/audit', 'attacker'))])
    await refused('another witness', file, [...keys, formatNoteKey(await witnessSigner('v.example'))])
    await refused('another receipt', erasureFileOf({ signer, receipt: other.receipt, log: signed, index: 300 }))
    await refused('another event', erasureFileOf({ signer, receipt: own.receipt, log: signed, index: 299 }))
    await refused('an event of another place', file.replace('index 300', 'index 301'))
    const unlogged = await signLog(lines.with(300, other.line), { signers: [log], witnesses: [witness] })
    const forged = erasureFileOf({ signer, receipt: own.receipt, log: { ...unlogged, lines }, index: 300 })
    await refused('an event that is not in the log', forged)
    await refused('no witness', file, [formatNoteKey(log), formatNoteKey(await witnessSigner('w.example', 'attacker'))])
    await refused('an own event', file.replace('erasure-proof', 'event-proof'))
    await refused(
      'another key of the receipt',
      file.replace(/"x":"./, (x) => x.slice(0, -1) + (x.endsWith('B') ? 'C' : 'B')),
    )
    // The members of the key that are not compared: its name and its type.
    const [from, to] = [file.indexOf('\n{"kty'), file.indexOf('\n{"id')]
    for (let at = 60; at < file.length; at += 37) {
      if (at > from && at < to) continue
      if (file[at + 1] === '=' || file[at + 1] === '\n') continue
      const { status } = run(file.slice(0, at) + (file[at] === 'B' ? 'C' : 'B') + file.slice(at + 1), keys)
      expect(status, `character ${at}`).not.toBe(0)
    }
  })
})

describe('the walk of the page', () => {
  let service: DevService
  const folder = ownFolder()

  beforeAll(async () => {
    service = await startDevService({ settings: { ERASURE_GRACE_DAYS: '0', LOG_PUBLISH_SECONDS: '1' } })
  })
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  it('K20 verifies an erasure of a running service with Go and openssl alone', async () => {
    const user = await erase(service)
    put(folder.path, 'erasure.proof', await proofOf(service, user))
    copyFileSync(PROGRAM, join(folder.path, 'verify-erasure.go'))
    const [section = ''] =
      readFileSync(PAGE, 'utf8').match(/^## A stranger verifies an erasure$[\s\S]*?(?=^## )/m) ?? []
    const blocks = codeBlocks(PAGE, 'sh').filter((block) => section.includes(block) && !block.includes('latchkey'))
    expect(blocks.length).toBeGreaterThan(1)
    const script = blocks.join('\n').replaceAll('http://localhost:8800', service.origin)
    const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder.path,
      encoding: 'utf8',
    })
    expect({ status, stderr }).toMatchObject({ status: 0 })
    expect(stdout).toContain('Signature Verified Successfully')
    expect(stdout).toContain('The event names this receipt.')
    expect(stdout).toMatch(/^OK: line \d+ of \d+ in localhost/m)
    expect(stdout).toContain(`"user_id":"${user}"`)
  })
})

async function call(service: DevService, path: string, body?: object, token?: string) {
  const response = await fetch(service.origin + path, {
    method: body === undefined ? 'DELETE' : 'POST',
    headers: {
      'content-type': 'application/json',
      connection: 'close',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return (await response.json()) as Readonly<Record<string, string>>
}

const wake = (service: DevService) => fetch(`${service.origin}/cdn-cgi/local/scheduled?cron=*/5+*+*+*+*`)

const until = async <T>(find: () => Promise<T | undefined>, minutes: number): Promise<T> => {
  for (const end = Date.now() + minutes * 60_000; Date.now() < end; ) {
    const found = await find()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 2000))
  }
  throw new Error('it took too long')
}

/** Opens an account and has it erased. @returns its id */
async function erase(service: DevService): Promise<string> {
  const account = { email: 'mary@example.com', password: 'correct horse battery staple' }
  const { id = '' } = await call(service, '/api/v1/auth/register', account)
  const { access_token: token } = await call(service, '/api/v1/auth/login', account)
  await call(service, '/api/v1/users/me', undefined, token)
  const local = ['--persist-to', service.state]
  // A purge waits until the events of the person are archived.
  return await until(async () => {
    runLatchkey(['erasures', 'run', '--url', service.origin, ...local])
    return runLatchkey(['erasures', 'receipt', id, ...local]).status === 0 ? id : undefined
  }, 5)
}

/** The file that the operator gives to the person, once the published log has the erasure. */
const proofOf = (service: DevService, user: string): Promise<string> =>
  until(async () => {
    await wake(service)
    const words = ['erasures', 'proof', user, '--url', service.origin, '--persist-to', service.state]
    const { status, stdout } = runLatchkey(words)
    return status === 0 ? stdout : undefined
  }, 12)
