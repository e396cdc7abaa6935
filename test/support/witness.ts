import { env } from 'cloudflare:workers'
import type { WitnessEnv } from '../../src/witness/witness-settings.ts'

const { TEST_WITNESS, TEST_WITNESS_MIGRATIONS } = env as Env & {
  readonly TEST_WITNESS: D1Database
  readonly TEST_WITNESS_MIGRATIONS: readonly { readonly queries: readonly string[] }[]
}

export const WITNESS_NAME = 'auditor.example/w1'

/** 32 bytes for the tests alone. */
export const WITNESS_SEED = Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 73 + 11) % 256))

/** Makes the table of the witness. */
export async function makeWitnessTables(): Promise<void> {
  const queries = TEST_WITNESS_MIGRATIONS.flatMap((migration) => migration.queries)
  await TEST_WITNESS.batch(queries.map((query) => TEST_WITNESS.prepare(query)))
}

/** The bindings of a witness. @param logs vkeys */
export const witnessEnv = (logs: readonly string[], others: Partial<WitnessEnv> = {}): WitnessEnv => ({
  DB: TEST_WITNESS,
  WITNESS_NAME,
  WITNESS_KEYS: WITNESS_SEED.toString('base64'),
  LOGS: logs.join(' '),
  ...others,
})
