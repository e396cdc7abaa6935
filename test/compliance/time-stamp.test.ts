import { env } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { getCheckpoint } from '../../src/compliance/archive/checkpoint/get-checkpoint.ts'
import { writePublication } from '../../src/compliance/archive/checkpoint/publication.ts'
import { originOf } from '../../src/compliance/archive/keys/log-keys.ts'
import { stampCheckpoint } from '../../src/compliance/archive/timestamps/stamp-checkpoint.ts'
import { formatStampRequest, readStamp } from '../../src/compliance/archive/timestamps/time-stamp.ts'
import type { OutboundRequest } from '../../src/core/ports.ts'
import { EMPTY_EDGE } from '../../src/tlog/edge.ts'
import { listenToConsole } from '../support/console.ts'
import { jobContext } from '../support/job-context.ts'
import { runCron } from '../support/service.ts'

// What `openssl ts -reply` of OpenSSL 3.0 answered to this request, with a key made for the test. The judge
// of the stored answer is `openssl ts -verify`: see test/log.

const NOTE = 'latchkey.test/audit\n1\n'
const NONCE = Uint8Array.from({ length: 16 }, (_, i) => i)
const ANSWER = [
  'MIIFGDADAgEAMIIFDwYJKoZIhvcNAQcCoIIFADCCBPwCAQMxDzANBglghkgBZQMEAgEFADB7BgsqhkiG9w0BCRABBKBsBGowaAIB',
  'AQYEKgMEATAxMA0GCWCGSAFlAwQCAQUABCBwiBLCW5r9bw3Niozo54zFl1Uj8f71qcsRBBhwyYmOTgIBBBgPMjAyNjExMzAwMTQ2',
  'NThaMAMCAQECEQCAAQIDBAUGBwgJCgsMDQ4PoIIDHjCCAZAwggE2oAMCAQICFG0D8Gno4xQ7t3czGe8yMWFG5CadMAoGCCqGSM49',
  'BAMCMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MB4XDTI2MTEzMDAxNDQ0MVoXDTM2MTEyNzAxNDQ0MVowGzEZMBcGA1UEAwwQ',
  'VGVzdCB0aW1lLXN0YW1wczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABIYmpYEbJAoG3XmPDoTYQYnBFDU2U3D+sfxcLgJyYcge',
  '+57Z1HGrXStwL8DmTWOL0ytp6os02nCfOdhluzidFzijWjBYMBYGA1UdJQEB/wQMMAoGCCsGAQUFBwMIMB0GA1UdDgQWBBRZlWII',
  'iSuRUp895jQcB7jA4haFhzAfBgNVHSMEGDAWgBTjfn3WLYKQhHhHbVMmpiyImcuyfzAKBggqhkjOPQQDAgNIADBFAiEAp0zNBdyK',
  'pF1tohYFJmFGXVvl4NOt1RcVGqKtQrz6/PUCIH/k4osqSzowCFNGH0sbknEN9jIbP64InqAZYmboVSXNMIIBhjCCAS2gAwIBAgIU',
  'EPQ2VQIWNc5fC6gBWfNowI7nkcowCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwHhcNMjYxMTMwMDE0NDQx',
  'WhcNMzYxMTI3MDE0NDQxWjAZMRcwFQYDVQQDDA5UZXN0IGF1dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFvYVdch',
  'Da7hsJadTCTzYabFtl6+vzhMRA2IYDHwbYcAOPwpBaSmbNSgytROa1Y3phYEbR7C5aJZaBbZQCqYXLujUzBRMB0GA1UdDgQWBBTj',
  'fn3WLYKQhHhHbVMmpiyImcuyfzAfBgNVHSMEGDAWgBTjfn3WLYKQhHhHbVMmpiyImcuyfzAPBgNVHRMBAf8EBTADAQH/MAoGCCqG',
  'SM49BAMCA0cAMEQCIHYuLnq8n6Ar2chjJAPRRuFZFRAcrtfDjAJBND0xtvANAiAcPtWkK2Pi18F0ehSaGtIvr9t5ztr8nWpBOw7S',
  'af6jaTGCAUUwggFBAgEBMDEwGTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkCFG0D8Gno4xQ7t3czGe8yMWFG5CadMA0GCWCGSAFl',
  'AwQCAQUAoIGkMBoGCSqGSIb3DQEJAzENBgsqhkiG9w0BCRABBDAcBgkqhkiG9w0BCQUxDxcNMjYxMTMwMDE0NjU4WjAvBgkqhkiG',
  '9w0BCQQxIgQgmFsAIJ5G1gCTYd9xFatHpBWo0Ti4ra3JBThZPA5XUb0wNwYLKoZIhvcNAQkQAi8xKDAmMCQwIgQgVhpg5A5cteAk',
  'Kc2G+LohfQ16z06g4ActtedPslND1LQwCgYIKoZIzj0EAwIERzBFAiEAhk6e0iXtpxEad9Av9CMLoRHACMkdGUHQlxlx8fcvCJYC',
  'IBdnw/vOP6RfSC7xi4b3sKvu55LgJgfre1mRrjIxP4D4',
].join('')
const REFUSED = 'MDcwNQIBAjAsDCpNZXNzYWdlIGRpZ2VzdCBhbGdvcml0aG0gaXMgbm90IHN1cHBvcnRlZC4DAgeA'

const request = { text: NOTE, nonce: NONCE }
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))

afterEach(() => {
  vi.restoreAllMocks()
})

it('K18 reads the time of an answer to its request', () => {
  expect(new Date(readStamp(bytesOf(ANSWER), request) ?? 0).toISOString()).toMatch(/^2026-11-30T/)
  expect(Buffer.from(formatStampRequest(request)).toString('hex')).toMatch(
    /^304c0201013031300d060960864801650304020105000420[0-9a-f]{64}0211008[0-9a-f]{31}0101ff$/,
  )
})

it.each([
  ['another nonce', ANSWER, { ...request, nonce: NONCE.with(5, 200) }],
  ['another digest', ANSWER, { ...request, text: `${NOTE} ` }],
  ['a refusal', REFUSED, request],
  ['a cut answer', ANSWER.slice(0, -4), request],
  ['an empty answer', '', request],
  ['a page', Buffer.from('<html>').toString('base64'), request],
])('K18 refuses %s', (_, answer, of) => {
  expect(readStamp(bytesOf(answer), of)).toBeUndefined()
})

/** Publishes the checkpoint, as the cron does once it has a log. */
async function publish(): Promise<void> {
  const ctx = await jobContext()
  const view = await getCheckpoint(ctx, originOf(ctx.settings))
  const log = { note: NOTE, edge: EMPTY_EDGE, cosignedAtMs: ctx.now }
  await writePublication(ctx, { publishedAtMs: ctx.now, view, log }, undefined)
}

async function stampWith(status: number, body: Uint8Array, TSA_URL: string | undefined) {
  const sent: OutboundRequest[] = []
  const ctx = await jobContext(Date.UTC(2026, 10, 30))
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((bytes) => {
    new Uint8Array((bytes as Uint8Array).buffer).set(NONCE)
    return bytes
  })
  const outbound = async (one: OutboundRequest) => {
    sent.push(one)
    return { status, headers: new Headers(), body }
  }
  const settings = { ...ctx.settings, TSA_URL }
  const outcome = await stampCheckpoint({ ...ctx, outbound, settings }).catch((error: Error) => error.name)
  return { outcome, sent }
}

const base64In = async (path: string) =>
  Buffer.from((await (await env.ARCHIVE.get(path))?.bytes()) ?? []).toString('base64')

const stored = async () => (await env.ARCHIVE.list({ prefix: 'log/timestamps/' })).objects.map(({ key }) => key)

it('K18 stores the checkpoint and the answer as they are', async () => {
  await publish()
  const { outcome, sent } = await stampWith(200, bytesOf(ANSWER), 'https://stamps.example/')
  expect(outcome).toBeUndefined()
  expect(sent).toMatchObject([{ method: 'POST', headers: { 'content-type': 'application/timestamp-query' } }])
  const [note = '', answer = ''] = (await stored()).sort()
  expect(note).toMatch(/^log\/timestamps\/2026-11-30-[0-9a-f]{16}\.note$/)
  expect(await (await env.ARCHIVE.get(note))?.text()).toBe(NOTE)
  expect(await base64In(answer)).toBe(ANSWER)
})

it('K18 stores them also if an attacker has taken every name that the checkpoint gives', async () => {
  await publish()
  const digest = createHash('sha256').update(NOTE).digest('hex')
  for (const name of [digest.slice(0, 16), digest])
    for (const kind of ['note', 'tsr']) await env.ARCHIVE.put(`log/timestamps/2026-11-30-${name}.${kind}`, 'planted')
  const planted = await stored()
  await stampWith(200, bytesOf(ANSWER), 'https://stamps.example/')
  const added = (await stored()).filter((path) => !planted.includes(path))
  expect(await Promise.all(added.map(base64In))).toEqual([Buffer.from(NOTE).toString('base64'), ANSWER])
})

it('K18 fails if an attacker has taken the name of the second object meanwhile', async () => {
  await publish()
  const digits = createHash('sha256').update(bytesOf(ANSWER)).digest('hex').slice(0, 16)
  await env.ARCHIVE.put(`log/timestamps/2026-11-30-${digits}.tsr`, 'planted')
  expect((await stampWith(200, bytesOf(ANSWER), 'https://stamps.example/')).outcome).toBe('StampError')
})

it.each([
  ['an error', 503, ANSWER],
  ['a redirect', 302, ANSWER],
  ['a refusal', 200, REFUSED],
])('K18 stores nothing after %s', async (_, status, answer) => {
  await publish()
  const { outcome } = await stampWith(status, bytesOf(answer), 'https://stamps.example/')
  expect(outcome).toBe('StampError')
  expect(await stored()).toEqual([])
})

it('sends no request without the setting, or before a checkpoint is published', async () => {
  expect((await stampWith(200, bytesOf(ANSWER), 'https://stamps.example/')).sent).toEqual([])
  vi.restoreAllMocks()
  await publish()
  expect((await stampWith(200, bytesOf(ANSWER), undefined)).sent).toEqual([])
})

it('K18 the daily run of the cron asks, and its other tasks go on when the authority does not answer', async () => {
  await publish()
  const { lines } = listenToConsole()
  const using = { ...env, TSA_URL: 'https://stamps.example/' } as Env
  await runCron(using, '*/5 * * * *')
  expect(lines('job_failed')).toEqual([])
  await runCron(using)
  expect(lines('job_failed')).toMatchObject([{ job: 'stamp-checkpoint', error: 'StampError' }])
  expect(lines('cron_run')).toMatchObject([{ failed: 0 }, { failed: 1 }])
})
