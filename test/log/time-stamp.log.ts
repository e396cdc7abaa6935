import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatStampRequest, readStamp } from '../../src/compliance/archive/timestamps/time-stamp.ts'

// A time-stamping authority of openssl, with keys made for this run, is asked and judged.

const CONFIG = `
[ authority ]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = DIGESTS
ess_cert_id_alg = sha256
accuracy = secs:1
[ extensions ]
extendedKeyUsage = critical,timeStamping
`
const NOTE = 'id.example.com/audit\n70000\nqqyk1BX5PEACPFSIfKBgDjsKvPxSYd4Gm8hGiiAT2dM=\n'

let folder = ''
const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' }).toString()

const newKey = (name: string) =>
  openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`],
    ...['-keyout', `${name}.key`, '-out', `${name}.csr`],
  )

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-authority-'))
  writeFileSync(join(folder, 'sha256.cnf'), CONFIG.replace('DIGESTS', 'sha256'))
  writeFileSync(join(folder, 'sha512.cnf'), CONFIG.replace('DIGESTS', 'sha512'))
  writeFileSync(join(folder, 'serial'), '01\n')
  for (const name of ['root', 'signer']) newKey(name)
  openssl('x509', '-req', '-in', 'root.csr', '-signkey', 'root.key', '-days', '2', '-out', 'root.pem')
  openssl(
    ...['x509', '-req', '-in', 'signer.csr', '-CA', 'root.pem', '-CAkey', 'root.key', '-set_serial', '2', '-days', '2'],
    ...['-extfile', 'sha256.cnf', '-extensions', 'extensions', '-out', 'signer.pem'],
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the authority answers. */
function ask(text: string, config: string) {
  const request = { text, nonce: crypto.getRandomValues(new Uint8Array(16)) }
  writeFileSync(join(folder, 'query'), formatStampRequest(request))
  openssl(
    ...['ts', '-reply', '-config', config, '-section', 'authority', '-queryfile', 'query', '-out', 'answer'],
    ...['-signer', 'signer.pem', '-inkey', 'signer.key', '-chain', 'root.pem'],
  )
  return { request, answer: readFileSync(join(folder, 'answer')) }
}

describe('K18 a time-stamp', () => {
  it('is taken by the service and by openssl, for a hundred nonces', () => {
    for (let i = 0; i < 100; i++) {
      const { request, answer } = ask(`${NOTE}${i}\n`, 'sha256.cnf')
      expect(Math.abs((readStamp(answer, request) ?? 0) - Date.now())).toBeLessThan(60_000)
      writeFileSync(join(folder, 'note'), request.text)
      expect(openssl('ts', '-verify', '-data', 'note', '-in', 'answer', '-CAfile', 'root.pem')).toContain('OK')
    }
  })

  it('of another checkpoint is refused by both', () => {
    const { request, answer } = ask(NOTE, 'sha256.cnf')
    writeFileSync(join(folder, 'note'), `${NOTE}more\n`)
    expect(() => openssl('ts', '-verify', '-data', 'note', '-in', 'answer', '-CAfile', 'root.pem')).toThrow()
    expect(readStamp(answer, { ...request, text: `${NOTE}more\n` })).toBeUndefined()
  })

  it('that the authority rejected is refused', () => {
    const { request, answer } = ask(NOTE, 'sha512.cnf')
    expect(readStamp(answer, request)).toBeUndefined()
  })

  it('is refused with one byte less, and any byte of status, digest or nonce changed', () => {
    const { request, answer } = ask(NOTE, 'sha256.cnf')
    const at = (part: Uint8Array) => answer.indexOf(Buffer.from(part))
    const digest = formatStampRequest(request).subarray(24, 56)
    const nonce = formatStampRequest(request).subarray(59, 75)
    const places = [8, at(digest), at(digest) + 31, at(nonce), at(nonce) + 15]
    expect(places.every((place) => place > 0)).toBe(true)
    for (const place of places) {
      const changed = Buffer.from(answer)
      changed[place] = (changed[place] ?? 0) ^ 2
      expect(readStamp(changed, request), String(place)).toBeUndefined()
    }
    expect(readStamp(answer.subarray(0, -1), request)).toBeUndefined()
  })
})
