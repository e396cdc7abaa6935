import { resolve } from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { filesWithoutStores } from './test/support/files-without-stores.ts'
import { LongestFirst } from './test/support/longest-first.ts'
import { preparedColumns } from './test/support/prepared-columns.ts'
import { quickHashesOfTestUsers } from './test/support/quick-hashes.ts'
import { raceSizes } from './test/support/race-sizes.ts'
import { keepTemporaryFilesInMemory } from './test/support/temporary-files.ts'

// Not a secret: a fixed key for the tests alone.
const TEST_ROOT_KEYS = '1:cQn1Zr5mPq7sVt0uWx2yZa4bCd6eFg8hIj0kLm2nOp4'

type AnswerToTests = (request: { json(): Promise<unknown> }) => Promise<Response>

interface Overrides {
  /** What a test may send a request to, by the names of bindings. */
  readonly services?: Readonly<Record<string, AnswerToTests>>
  readonly bindings?: Readonly<Record<string, string>>
}

/** Burst limits are counted in the memory of the machine, which no test empties, and all tests have one address. */
const OPEN = { namespace_id: '1', simple: { limit: 1_000_000, period: 60 } }
/** A burst limit as `wrangler.toml` has it. */
const CLOSING = { namespace_id: '2', simple: { limit: 300, period: 60 } }

/** Says what columns a statement has. See test/statements.ts. */
async function answerColumns() {
  const columnsOf = preparedColumns(await readD1Migrations('./migrations'))
  return async (request: { json(): Promise<unknown> }) => Response.json(columnsOf((await request.json()) as string[]))
}

/** Tests run in workerd, with the real bindings and migrations; nothing leaves the machine. */
export const workerd = ({ bindings = {}, services = {} }: Overrides = {}) =>
  cloudflareTest(async () => ({
    wrangler: { configPath: './wrangler.toml' },
    miniflare: {
      bindings: {
        ROOT_KEYS: TEST_ROOT_KEYS,
        ISSUER: 'https://latchkey.test',
        OAUTH_PROVIDERS: { github: { kind: 'github', client_id: 'github-client' } },
        OAUTH_GITHUB_CLIENT_SECRET: 'github-secret',
        OAUTH_REDIRECT_URIS: 'https://app.example/callback',
        RETURN_ADDRESSES: 'https://app.example/signed-in',
        // Races send more than one client may; the tests of the limits set it back to 1.
        LIMIT_FACTOR: '1000',
        EMAIL_SIGN_IN: 'on',
        HASH_LINE_LENGTH: '1000',
        // No due dates for tests that are about something else. Operators' routes require two factors anyway.
        TWO_STEP_REQUIRED: 'none',
        RACE_SIZES: raceSizes.everyTime,
        FAULTS: process.env.FAULTS ?? 'some',
        TAKEOVER: process.env.TAKEOVER ?? 'some',
        FUZZ_REQUESTS: process.env.FUZZ_REQUESTS ?? '1000',
        WITHOUT_STORES: [...filesWithoutStores],
        ...bindings,
        TEST_MIGRATIONS: await readD1Migrations('./migrations'),
        TEST_WITNESS_MIGRATIONS: await readD1Migrations('./src/witness/migrations'),
      },
      // Without a consumer: one that comes seconds later would bring the events of one test into the next.
      queueProducers: { AUDIT_QUEUE: 'audit-of-tests', MAIL_QUEUE: 'mail-of-tests' },
      // What an operator may bind as VAULT_MIRROR; under another name, because by default there is none.
      r2Buckets: ['TEST_VAULT_MIRROR'],
      // A copy of the database that knows only what a test has copied, and the database of a witness, which
      // is a Worker of its own.
      d1Databases: ['TEST_REPLICA', 'TEST_WITNESS'],
      // What an operator may bind as METRICS.
      analyticsEngineDatasets: { TEST_METRICS: { dataset: 'latchkey' } },
      ...({
        ratelimits: { BURST_SIGN_IN: OPEN, BURST_WRITE: OPEN, BURST_LOG: OPEN, TEST_BURST: CLOSING },
      } as object),
      serviceBindings: { PREPARED_COLUMNS: await answerColumns(), ...services },
      outboundService: (request: Request) => new Response(`blocked ${request.url}`, { status: 599 }),
    },
  }))

export default defineConfig((): ViteUserConfig => {
  // Not for `npm run test:deep`, whose largest databases have gigabytes.
  keepTemporaryFilesInMemory()
  return {
    test: {
      silent: 'passed-only',
      // One more than the processors it is made for, because some tests wait for a service that they started.
      maxWorkers: 3,
      sequence: { sequencer: LongestFirst },
      projects: [
        {
          plugins: [workerd()],
          resolve: { alias: quickHashesOfTestUsers },
          test: {
            name: 'worker',
            include: ['test/**/*.test.ts'],
            exclude: ['test/node/**', 'test/deep/**'],
            setupFiles: ['./test/setup.ts', './test/capture-console.ts', './test/statements.ts'],
            isolate: false,
            // A hundred registrations at once take seconds of CPU, and more beside other work.
            testTimeout: 60_000,
            hookTimeout: 60_000,
          },
        },
        {
          test: {
            name: 'node',
            include: ['test/node/**/*.test.ts'],
            // Most of what starting wrangler costs is compiling it, and many tests start it.
            env: { NODE_COMPILE_CACHE: resolve('node_modules/.cache/compiled') },
            isolate: false,
            testTimeout: 60_000,
            hookTimeout: 60_000,
          },
        },
      ],
    },
  }
})
