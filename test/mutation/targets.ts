/** A module to mutate, the tests that should notice, and where they run. */
export interface Target {
  readonly file: string
  readonly tests: readonly string[]
  /** Node is enough for what asks no binding, and ten times as fast. */
  readonly config: 'test/mutation/node.config.ts' | 'test/mutation/worker.config.ts'
}

const inNode = (name: string, ...tests: readonly string[]): Target => ({
  file: `src/crypto/${name}.ts`,
  tests: (tests.length > 0 ? tests : [name]).map((test) => `test/crypto/${test}.test.ts`),
  config: 'test/mutation/node.config.ts',
})

const inWorker = (file: string, ...tests: readonly string[]): Target => ({
  file: `src/${file}.ts`,
  tests: tests.map((test) => `test/${test}.test.ts`),
  config: 'test/mutation/worker.config.ts',
})

/** `src/crypto`, and the guarded writes, each with the tests that are about it. */
export const targets: readonly Target[] = [
  inNode('access-token'),
  inNode('blind-index'),
  inNode('data-key'),
  inNode('encoding'),
  inNode('field-cipher'),
  inNode('key-ring'),
  inNode('one-time-token'),
  inNode('p256-key'),
  inNode('phc'),
  inNode('refresh-token'),
  inNode('signing-keys'),
  inNode('receipt-key'),
  // Argon2id's modules are imported as only workerd does.
  inWorker('crypto/password-hash', 'crypto/password-hash'),
  inWorker('crypto/keyed-passwords', 'crypto/foreign/foreign-hashes'),
  inWorker('crypto/passwords-in-line', 'crypto/passwords-in-line', 'http/shedding'),
  inWorker('crypto/foreign/derive', 'crypto/foreign/foreign-hashes'),
  inWorker('crypto/foreign/imported-hash', 'crypto/foreign/foreign-hashes'),
  inWorker('crypto/foreign/parse-hash', 'crypto/foreign/foreign-hashes'),
  inWorker('crypto/foreign/scheme', 'crypto/foreign/foreign-hashes'),
  inWorker('storage/database/counters', 'storage/counters', 'auth/limits', 'auth/locks'),
  inWorker('storage/database/one-time-tokens', 'identity/email', 'auth/password'),
  inWorker('storage/database/end-sessions', 'auth/own-sessions', 'auth/password'),
  inWorker('storage/database/live-session', 'auth/session', 'auth/refresh', 'http/authorization'),
  inWorker('storage/database/request-claims', 'http/idempotency'),
  inWorker('storage/database/oauth-flows', 'auth/oauth/protocol', 'auth/oauth/sign-in'),
  inWorker('storage/database/social-logins', 'auth/oauth/identities'),
  inWorker('auth/refresh', 'auth/refresh', 'auth/notifications', 'auth/limits'),
  inWorker('auth/start-session', 'auth/login', 'auth/notifications', 'attack/bystanders'),
  inWorker('auth/password/change-password', 'attack/bystanders', 'auth/password'),
  inWorker('auth/password/reset-password', 'attack/bystanders', 'auth/password'),
  inWorker(
    'identity/register-user',
    'identity/register',
    'identity/private-registration',
    'identity/email',
    'http/idempotency',
  ),
  inWorker('identity/links/unlink-identity', 'auth/oauth/identities'),
  inWorker('mail/order-requested-mail', 'mail/requests'),
  inWorker('operators/change-roles', 'operators/roles', 'operators/account-changes'),
]
