import type { Metrics } from '../core/observation.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { createActivityStore } from '../storage/activity-store.ts'
import { createAnswerCache } from '../storage/answer-cache.ts'
import { createArchive } from '../storage/archive.ts'
import { createErasureMarkers } from '../storage/erasure-markers.ts'
import { createCountWaitingEvents, createSendEvents, gatherEvents } from '../storage/event-queue.ts'
import { createExportStore } from '../storage/export-store.ts'
import { createFindUnreachableStores } from '../storage/find-unreachable-stores.ts'
import { createKeyRotation } from '../storage/key-rotation.ts'
import { createLogVault } from '../storage/log-vault.ts'
import { LruMap } from '../storage/lru.ts'
import { createSendMailJobs } from '../storage/mail-queue.ts'
import { createMetrics } from '../storage/metrics.ts'
import { createSessionCache, type RecentSnapshots } from '../storage/session-cache.ts'
import { createVaultMirror } from '../storage/vault-mirror.ts'
import { createVaultStatements } from '../storage/vault-statements.ts'

const SESSIONS_KEPT = 5000
const SESSION_SECONDS = 5

/**
 * The bindings, including those that only some deployments have: a second bucket that mirrors the vault, and
 * a dataset for counters.
 */
export type Bindings = Env & { readonly VAULT_MIRROR?: R2Bucket; readonly METRICS?: AnalyticsEngineDataset }

/** The metrics of this environment. */
export const metricsFor = ({ METRICS }: Bindings): Metrics => createMetrics(METRICS)

/** Opens the stores that do not depend on a request. */
export function openBindings(env: Bindings, ring: KeyRing, issuer: string) {
  const recentSessions: RecentSnapshots = new LruMap(SESSIONS_KEPT, SESSION_SECONDS * 1000)
  const buckets = { vault: env.VAULT, mirror: env.VAULT_MIRROR }
  const sendEvents = createSendEvents(env.AUDIT_QUEUE)
  return {
    keyRotation: createKeyRotation({ ...buckets, cache: env.KEY_CACHE, ring }),
    vaultMirror: buckets.mirror && createVaultMirror({ vault: env.VAULT, mirror: buckets.mirror, ring }),
    sessions: createSessionCache(env.SESSIONS, recentSessions, () => Date.now()),
    findUnreachableStores: createFindUnreachableStores({ db: env.DB, sessions: env.SESSIONS, vault: env.VAULT }),
    archive: createArchive(env.ARCHIVE),
    logVault: createLogVault({ ...buckets, ring }),
    answers: createAnswerCache(issuer, () => Date.now()),
    exportStore: createExportStore(env.VAULT),
    activityStore: createActivityStore(env.VAULT),
    erasureMarkers: createErasureMarkers(buckets),
    vaultStatements: createVaultStatements(env.VAULT),
    sendEvents,
    sendGathered: gatherEvents(sendEvents),
    countWaitingEvents: createCountWaitingEvents(env.AUDIT_QUEUE),
    sendMailJobs: createSendMailJobs(env.MAIL_QUEUE),
    metrics: metricsFor(env),
  }
}
