import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DevService, startDevService } from '../support/dev-service.ts'
import { generateAll, installGenerators, type Outcome, runTool } from './generate.ts'

const folder = import.meta.dirname
const password = 'correct horse battery staple'

let service: DevService
let generated: Record<string, Outcome>

beforeAll(async () => {
  installGenerators()
  service = await startDevService()
  generated = generateAll(service.origin)
}, 300_000)

afterAll(() => service?.[Symbol.asyncDispose]())

test('each generator takes the document of a running service', () => {
  expect(Object.values(generated).map(({ status, output }) => (status === 0 ? 'done' : output))).toEqual([
    ...['done', 'done', 'done'],
  ])
})

test('the generated code compiles strictly, with programs that use it', () => {
  expect(runTool('tsc', ['-p', 'clients'])).toEqual({ status: 0, output: '' })
})

test.each(['openapi-fetch', 'hey-api', 'orval'])('%s signs in, reads, changes and signs out', async (name) => {
  const email = `${name}@example.com`
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ email, password })
  const registered = await fetch(`${service.origin}/api/v1/auth/register`, { method: 'POST', headers, body })
  expect(registered.status).toBe(201)

  const program = join(folder, 'dist', 'programs', `${name}.mjs`)
  const source = join(folder, 'clients', `${name}.ts`)
  await build({ entryPoints: [source], outfile: program, bundle: true, platform: 'node', format: 'esm' })
  const printed = execFileSync(process.execPath, [program, service.origin, email, password], { encoding: 'utf8' })
  expect(JSON.parse(printed)).toEqual({
    wrongPassword: 'invalid_credentials',
    bio: null,
    changedBio: 'Computes.',
    stale: 'precondition_failed',
    decided: 'granted',
    sessionsBefore: 2,
    sessionsAfter: 1,
    missing: 'not_found',
    refreshed: true,
    signedOut: 204,
    afterwards: 'invalid_access_token',
  })
})
