/** A module to mutate, the tests that should fail, and the runtime of these. */
export interface Target {
  readonly file: string
  readonly tests: readonly string[]
  /** Node suffices for code without bindings, and is ten times as fast. */
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

const answers = ['ceremonies', 'checks', 'hostile', 'vectors', 'cose-key', 'attestation-object'].map(
  (name) => `webauthn/${name}`,
)
const ofPasskeys = ['add', 'sign-in', 'counter', 'manage', 'second-factor'].map((name) => `sign-in/passkey/${name}`)
const secondStep = ['sign-in/second-factor', 'sign-in/second-factor-step-up']

/** `src/crypto` and the guarded writes, each with its tests. */
export const targets: readonly Target[] = [
  inNode('access-token'),
  inNode('blind-index'),
  inNode('data-key'),
  inNode('encoding'),
  inNode('mail-code'),
  inNode('field-cipher'),
  inNode('key-ring'),
  inNode('one-time-token'),
  inNode('p256-key'),
  inNode('phc'),
  inNode('refresh-token'),
  inNode('sealed-state', 'ticket'),
  inNode('signing-keys'),
  inNode('receipt-key'),
  inNode('recovery-code'),
  inNode('ticket'),
  inNode('totp'),
  ...[
    ...['authenticator-data', 'cbor', 'check-flags', 'client-data', 'cose-key', 'ecdsa-signature', 'public-key'],
    ...['verify-registration', 'verify-assertion'],
  ].map((name) => inNode(`webauthn/${name}`, ...answers)),
  // The modules of Argon2id can be imported only in workerd.
  inWorker('crypto/passwords/password-hash', 'crypto/passwords/password-hash'),
  inWorker('crypto/passwords/keyed-passwords', 'crypto/passwords/foreign/foreign-hashes'),
  inWorker('crypto/passwords/queued-passwords', 'crypto/passwords/queued-passwords', 'http/shedding'),
  inWorker('crypto/passwords/foreign/derive', 'crypto/passwords/foreign/foreign-hashes'),
  inWorker('crypto/passwords/foreign/imported-hash', 'crypto/passwords/foreign/foreign-hashes'),
  inWorker('crypto/passwords/foreign/parse-hash', 'crypto/passwords/foreign/foreign-hashes'),
  inWorker('crypto/passwords/foreign/scheme', 'crypto/passwords/foreign/foreign-hashes'),
  inWorker('storage/database/counters', 'storage/counters', 'rate-limits/limits', 'rate-limits/lockouts'),
  inWorker('storage/database/one-time-tokens', 'identity/email', 'sign-in/password/password'),
  inWorker('storage/database/end-sessions', 'sessions/own-sessions', 'sign-in/password/password'),
  inWorker(
    'storage/database/live-session',
    'sessions/session',
    'sessions/refresh',
    'http/authorization',
    'operators/access',
  ),
  inWorker('storage/database/idempotency-keys', 'http/idempotency'),
  inWorker('storage/database/oauth-flows', 'sign-in/federated/protocol', 'sign-in/federated/sign-in'),
  inWorker('storage/database/social-logins', 'sign-in/federated/identities'),
  inWorker('sessions/refresh', 'sessions/refresh', 'sign-in/notifications', 'rate-limits/limits'),
  inWorker(
    'sessions/start-session',
    'sign-in/password/login',
    'sign-in/notifications',
    'attack/bystanders',
    'sign-in/two-factors',
    'sign-in/second-factor',
  ),
  inWorker('tlog/merkle', 'tlog/merkle'),
  inWorker('tlog/edge', 'tlog/merkle', 'tlog/growth'),
  inWorker('tlog/tiles', 'tlog/merkle', 'tlog/growth'),
  inWorker('tlog/note', 'tlog/note'),
  inWorker('tlog/policy', 'tlog/note'),
  inWorker('tlog/proof-file', 'tlog/note'),
  inWorker('core/relying-party', 'core/relying-party', 'sign-in/passkey/well-known-documents'),
  inWorker('core/assurance', 'core/assurance', 'sessions/assurance'),
  inWorker('storage/database/account-level', 'sign-in/two-factors', 'http/authorization'),
  inWorker('sign-in/complete-sign-in', 'sign-in/two-factors', 'sign-in/mailed-restore', 'sign-in/password/login'),
  inWorker('sign-in/ask-second-factor', 'sign-in/two-factors', 'sign-in/second-factor'),
  inWorker('sign-in/second-factor/prove-second-factor', ...secondStep),
  inWorker('sign-in/second-factor/verify-totp', ...secondStep),
  inWorker('sign-in/second-factor/verify-recovery-code', ...secondStep),
  inWorker('sign-in/refuse-second-factor', ...secondStep),
  inWorker('sign-in/second-factor/step-up-by-totp', ...secondStep),
  inWorker('rate-limits/code-lockout', ...secondStep),
  inWorker('storage/database/spent-tickets', ...secondStep, 'sign-in/manage-second-factors'),
  inWorker(
    'storage/database/session-methods',
    ...secondStep,
    'sign-in/manage-second-factors',
    'sign-in/passkey/second-factor',
  ),
  inWorker('sign-in/second-factor/add-first-totp', 'sign-in/enrolment'),
  inWorker('sign-in/passkey/enrol-passkey', 'sign-in/enrolment'),
  ...['enrolment', 'begin-enrolment', 'finish-enrolment'].map((name) =>
    inWorker(`sign-in/${name}`, 'sign-in/enrolment'),
  ),
  inWorker('sign-in/prove-enrolment-mailbox', 'sign-in/enrolment'),
  inWorker('sign-in/second-factor/mail-enrolment-code', 'sign-in/enrolment'),
  inWorker('sign-in/second-factor/add-totp', 'sign-in/manage-second-factors'),
  inWorker('sign-in/second-factor/enrol-totp', 'sign-in/manage-second-factors'),
  inWorker('sign-in/give-recovery-codes', 'sign-in/manage-second-factors'),
  inWorker('sign-in/second-factor/make-recovery-codes', 'sign-in/manage-second-factors'),
  inWorker('sign-in/second-factor/remove-totp', 'sign-in/manage-second-factors'),
  inWorker('sign-in/second-factor/set-two-step', 'sign-in/manage-second-factors'),
  ...['judge-passkey', 'spend-passkey', 'suspend-passkey', 'signature-counter', 'verify-passkey'].map((name) =>
    inWorker(`sign-in/${name}`, ...ofPasskeys),
  ),
  ...[
    'add-passkey',
    'store-passkey',
    'stage-passkey',
    'verify-new-passkey',
    'remove-passkey',
    'undo-passkey',
    'sign-in-with-passkey',
    'step-up-by-passkey',
  ].map((name) => inWorker(`sign-in/passkey/${name}`, ...ofPasskeys)),
  ...[
    'mailbox/confirm-sign-in-code',
    'mailbox/mail-proof',
    'mailbox/request-sign-in-code',
    'mailbox/step-up-by-mail',
    'passkey/sign-up-with-passkey',
    'passkey/offer-first-passkey',
    'passkey/insert-passkey',
  ].map((name) => inWorker(`sign-in/${name}`, 'sign-in/mailbox', 'sign-in/sign-up')),
  inWorker('storage/database/second-factors', 'sign-in/two-factors', 'sign-in/passkey/manage', 'operators/access'),
  inWorker('storage/database/passkeys', ...ofPasskeys),
  inWorker('storage/database/two-step-policy', 'operators/two-step-policy'),
  inWorker('identity/two-step/follow-policy', 'operators/two-step-policy'),
  inWorker('operators/as-operator', 'operators/access', 'operators/policy-journey'),
  inWorker('sign-in/second-factor/totp-ticket', 'sign-in/manage-second-factors', 'sign-in/enrolment'),
  inWorker('sign-in/turn-two-step-on', 'sign-in/manage-second-factors', 'sign-in/enrolment'),
  inWorker('identity/factor-reset/cancel-factor-reset', 'operators/factor-reset'),
  inWorker('identity/factor-reset/keep-factors', 'operators/factor-reset'),
  inWorker('identity/factor-reset/keep-own-factors', 'operators/factor-reset'),
  inWorker('identity/factor-reset/remove-factors', 'operators/factor-reset', 'sign-in/two-factors'),
  inWorker('identity/factor-reset/reset-due-factors', 'operators/factor-reset'),
  inWorker('sign-in/password/change-password', 'attack/bystanders', 'sign-in/password/password'),
  inWorker('sign-in/password/reset-password', 'attack/bystanders', 'sign-in/password/password'),
  inWorker(
    'identity/register-user',
    'identity/register',
    'identity/private-registration',
    'identity/email',
    'http/idempotency',
  ),
  inWorker('sign-in/federated/identities/unlink-identity', 'sign-in/federated/identities'),
  inWorker('mail/order-requested-mail', 'mail/requests'),
  inWorker('operators/change-roles', 'operators/roles', 'operators/account-changes'),
]
