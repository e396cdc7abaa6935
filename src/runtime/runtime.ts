import type { OpenContext } from '../context.ts'
import type { Actor } from '../core/audit-event.ts'
import type { IdentityProviders } from '../core/identity-provider.ts'
import { log } from '../core/log.ts'
import type { MailTransport } from '../core/mail.ts'
import { newOutbox, type OpeningFacts, type Outbound } from '../core/ports.ts'
import { findWrongPasskeySettings } from '../core/relying-party.ts'
import type { SealEvent } from '../core/sealed-event.ts'
import { createServerTiming } from '../core/server-timing.ts'
import type { Settings } from '../core/settings.ts'
import type { TokenAuthority } from '../crypto/access-token.ts'
import { argon2id } from '../crypto/argon2id/index.ts'
import { createSealEvent } from '../crypto/event-seal.ts'
import { createHashQueue, type HashQueue } from '../crypto/hash-queue/hash-queue.ts'
import { deriveKeyRing, type KeyRing } from '../crypto/key-ring.ts'
import { createDeriveForeign } from '../crypto/passwords/foreign/derive.ts'
import { type KeyedPasswords, keyPasswords } from '../crypto/passwords/keyed-passwords.ts'
import { createPasswordHasher } from '../crypto/passwords/password-hash.ts'
import { queuedPasswords } from '../crypto/passwords/queued-passwords.ts'
import { createReceiptSigner, type ReceiptSigner } from '../crypto/receipt-key.ts'
import { createSigningKeys } from '../crypto/signing-keys.ts'
import { createMailTransport } from '../mail/transports/create-transport.ts'
import { createIdentityProviders } from '../sign-in/federated/providers/create-providers.ts'
import { openDatabase } from '../storage/database/database.ts'
import { createKeyVault, type DataKeyCache, type DerivedKeyCache } from '../storage/key-vault.ts'
import { LruMap } from '../storage/lru.ts'
import { createOutbound } from '../storage/outbound.ts'
import { createRateLimiter, type ExceededCounters } from '../storage/rate-limiter.ts'
import { withTimeLimit } from '../storage/time-limit.ts'
import { type Bindings, openBindings } from './bindings.ts'
import { parseConfig } from './config.ts'
import { timePorts } from './timed-ports.ts'

/**
 * What an isolate keeps between requests: settings, derived keys, unwrapped data keys, checked tokens,
 * counters over their quota, the hash queue, and the ports that do not depend on a request. It holds no
 * promise and no I/O object, because another request must not use those.
 */
export interface Runtime {
  readonly settings: Settings
  readonly ring: KeyRing
  readonly tokens: TokenAuthority
  readonly passwords: KeyedPasswords
  readonly hashQueue: HashQueue
  readonly identityProviders: IdentityProviders
  readonly receipts: ReceiptSigner
  readonly mail: MailTransport
  readonly outbound: Outbound
  readonly dataKeys: DataKeyCache
  readonly derivedKeys: DerivedKeyCache
  readonly exceededCounters: ExceededCounters
  readonly sealEvent: SealEvent
  readonly ports: ReturnType<typeof openBindings>
}

const DATA_KEYS_KEPT = 2000
const DATA_KEY_MINUTES = 5
const TOKENS_KEPT = 2000
const TOKEN_MINUTES = 5
const EXCEEDED_COUNTERS_KEPT = 10_000
const EXCEEDED_COUNTER_MINUTES = 1

const runtimes = new WeakMap<object, Runtime>()

/**
 * This isolate's runtime, built on the first request.
 * @throws ConfigError when a setting is missing or wrong
 */
export async function runtimeFor(env: Env): Promise<Runtime> {
  const known = runtimes.get(env)
  if (known !== undefined) return known
  const built = await buildRuntime(env)
  // Concurrent first requests of an isolate may each have built a runtime. All must use the same one, because
  // each runtime has its own hash queue.
  const runtime = runtimes.get(env) ?? built
  runtimes.set(env, runtime)
  return runtime
}

async function buildRuntime(env: Env): Promise<Runtime> {
  const { settings, rootKeys, clientSecrets } = parseConfig(env)
  const wrong = findWrongPasskeySettings(settings)
  if (wrong.length > 0) log('warn', 'passkeys_unavailable', { settings: wrong })
  const ring = await deriveKeyRing(rootKeys, settings.DISTRUSTED_ROOT_KEYS)
  const outbound = createOutbound(settings.ISSUER)
  const cost = { memoryKib: settings.ARGON2_MEMORY_KIB, iterations: settings.ARGON2_ITERATIONS, parallelism: 1 }
  return {
    settings,
    ring,
    tokens: {
      keys: createSigningKeys(ring, settings.REVOKED_SIGNING_KEYS),
      issuer: settings.ISSUER,
      audience: settings.AUDIENCE,
      checked: new LruMap(TOKENS_KEPT, TOKEN_MINUTES * 60_000),
    },
    passwords: keyPasswords({
      hasher: createPasswordHasher(argon2id),
      ring,
      params: cost,
      deriveForeign: createDeriveForeign(argon2id),
    }),
    hashQueue: createHashQueue(settings.HASH_LINE_LENGTH),
    identityProviders: createIdentityProviders(settings, clientSecrets, outbound),
    receipts: await createReceiptSigner(ring),
    mail: limitTime(createMailTransport(settings, env.EMAIL, outbound)),
    outbound,
    dataKeys: new LruMap(DATA_KEYS_KEPT, DATA_KEY_MINUTES * 60_000),
    derivedKeys: new LruMap(DATA_KEYS_KEPT, DATA_KEY_MINUTES * 60_000),
    exceededCounters: new LruMap(EXCEEDED_COUNTERS_KEPT, EXCEEDED_COUNTER_MINUTES * 60_000),
    sealEvent: createSealEvent(ring),
    ports: openBindings(env, ring, settings.ISSUER),
  }
}

/**
 * Shorter than the claim on a mail job. The claim must not expire while the mail is still being sent, or the
 * next consumer would send it again.
 */
const MAIL_LIMIT_MS = 60_000

const limitTime = (transport: MailTransport): MailTransport => ({
  send: (mail) => withTimeLimit(transport.send(mail), MAIL_LIMIT_MS),
})

interface Opening {
  readonly facts: OpeningFacts
  readonly actor: Actor
  /** The D1 bookmark that the client sent. */
  readonly bookmark?: string | undefined
}

/** Opens the context of one request, queue batch or cron run. */
export function openContext(env: Bindings, runtime: Runtime, { facts, actor, bookmark }: Opening): OpenContext {
  const { dataKeys, derivedKeys, exceededCounters, hashQueue, ports, passwords, sealEvent, ...kept } = runtime
  const { db, bookmark: currentBookmark } = openDatabase(env.DB, bookmark)
  const { defer, now } = facts
  const buckets = { vault: env.VAULT, mirror: env.VAULT_MIRROR }
  const ctx = {
    ...facts,
    ...kept,
    ...ports,
    outbox: newOutbox(sealEvent),
    db,
    vault: createKeyVault({
      ...buckets,
      cache: env.KEY_CACHE,
      isolateCache: dataKeys,
      derivedCache: derivedKeys,
      ring: kept.ring,
      defer,
    }),
    limiter: createRateLimiter({ kv: env.LIMITS, bindings: env, exceededCounters, now }),
    passwords: queuedPasswords(passwords, hashQueue),
    actor,
  }
  if (!kept.settings.SERVER_TIMING) return { ctx, bookmark: currentBookmark }
  const phases = createServerTiming(() => performance.now())
  return { ctx: { ...ctx, ...timePorts(ctx, phases) }, bookmark: currentBookmark, phases }
}
