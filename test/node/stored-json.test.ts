import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readStored, tryStored, UnreadableJson } from '../../src/core/json.ts'

/** Files that read JSON from elsewhere, with the source of it. Only the edge may come from the database. */
const others: Readonly<Record<string, string>> = {
  'cli/demo/print.ts': 'answers of the service',
  'cli/users/judge-line.ts': 'a line of an import file',
  'cli/users/users-export.ts': 'its own file',
  'cli/users/users-import.ts': 'its own file',
  'cli/shared/wrangler.ts': "wrangler's messages",
  'client/client.ts': 'answers of the service',
  'client/session.ts': 'a token of its own',
  'http/openapi/json-schema.ts': 'a copy of what it wrote on the line before',
  'pages/browser/shared/authenticator.ts': 'options of the service',
  'pages/browser/shared/provider.ts': "the browser's own store",
  'pages/browser/account/sign-in/kept-request.ts': "the browser's own store",
  'pages/browser/shared/facts.ts': 'what the service wrote into the document',
  'core/strict-json.ts': 'bodies of requests',
  'tlog/edge.ts': 'an edge: no error leaves it, and its root is compared with a signed one',
}

test('JSON out of the database is read in one place', () => {
  const readers = globSync('src/**/*.{ts,tsx}')
    .filter((path) => /^(?!\s*(?:\/?\*|\/\/)).*\bJSON\.parse\(/m.test(readFileSync(path, 'utf8')))
    .map((path) => path.slice('src/'.length))
  expect(readers.sort()).toEqual([...Object.keys(others), 'core/json.ts'].sort())
})

const schema = z.object({ n: z.int() })

test('is held to its schema', () => {
  expect(readStored(schema, '{"n":1}')).toEqual({ n: 1 })
  expect(tryStored(schema, '{"n":1}')).toEqual({ n: 1 })
})

test.each(['{"n":"ada@example.com"}', 'ada@example.com', '', 'null'])('or refused, and not quoted: %s', (text) => {
  expect(tryStored(schema, text)).toBeUndefined()
  expect(() => readStored(schema, text)).toThrow(UnreadableJson)
  expect(() => readStored(schema, text)).not.toThrow(/ada/)
})
