import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { EXPECTED_SCHEMA_FILE, expectedSchema } from '../../scripts/expected-schema.ts'

test('the expected schema is the one that the migrations make (npm run generate -- schema)', async () => {
  expect(readFileSync(EXPECTED_SCHEMA_FILE, 'utf8')).toBe(await expectedSchema())
})
