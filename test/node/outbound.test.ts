import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/**
 * What is not the service: the typed client and the command run elsewhere; the pages' script is for browsers,
 * and `assets.ts` holds it as text.
 */
const ELSEWHERE = ['src/client/', 'src/cli/', 'src/pages/browser/']

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((name) => join('src', name))
  .filter((path) => /\.[cm]?[jt]s$/.test(path) && !ELSEWHERE.some((place) => path.startsWith(place)))

const codeOf = (path: string): string =>
  readFileSync(path, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(?<![:'"`])\/\/.*$/gm, '')

/** The Worker's own handler: `fetch(request, env) {`, or its type. */
const HANDLER = /\bfetch\([^()]*\)(?:\s*\{|: )/g
/** The global function, called or handed on; a binding's has a name and a dot before it. */
const GLOBAL_FETCH = /(?<![\w.'"-])fetch(?=\s*[(,)\]};\n])|\b(?:globalThis|self)\b[.?[\]'"]*fetch/
const OTHER_WAYS =
  /\b(?:WebSocket|EventSource|XMLHttpRequest|sendBeacon)\b|cloudflare:sockets|node:(?:https?2?|net|tls|dns|dgram)\b/

const filesWith = (pattern: RegExp) => files.filter((path) => pattern.test(codeOf(path).replace(HANDLER, '')))

it('one file sends requests to other services (H8)', () => {
  expect(filesWith(GLOBAL_FETCH)).toEqual(['src/storage/outbound.ts'])
})

it('no file opens a connection in another way; nodemailer alone does', () => {
  expect(filesWith(OTHER_WAYS)).toEqual([])
  expect(filesWith(/from '(?:nodemailer|node-fetch|undici|axios|got|ky)\b/)).toEqual([
    'src/mail/transports/smtp-mailer.ts',
  ])
})

it('no library is left to send requests by itself', () => {
  // jose fetches key sets, oauth4webapi anything, unless it is given `customFetch`.
  expect(filesWith(/createRemoteJWKSet/)).toEqual([])
  const asking = filesWith(/\b(?:discoveryRequest|\w+GrantRequest|userInfoRequest|protectedResourceRequest)\(/)
  expect(asking.filter((path) => !/customFetch|RequestOptions/.test(codeOf(path)))).toEqual([])
  expect(asking.length).toBeGreaterThan(1)
})
