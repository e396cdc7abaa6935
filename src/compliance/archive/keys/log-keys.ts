import type { Context } from '../../../context.ts'
import { deriveBytes } from '../../../crypto/key-ring.ts'
import { createNoteSigner, type NoteKey, type NoteSigner } from '../../../tlog/note.ts'

/** The key of a root key version that signs checkpoints of the log. */
interface DerivedNoteKey {
  readonly version: number
  readonly key: NoteKey
  /** False for a version in `DISTRUSTED_ROOT_KEYS`. */
  readonly isTrusted: boolean
}

export interface LogKeys {
  /** Those of the trusted root key versions, newest first. All of them sign each checkpoint. */
  readonly signers: readonly NoteSigner[]
  /** The keys of all root key versions, newest first. */
  readonly derived: readonly DerivedNoteKey[]
}

/**
 * Derives the keys that sign checkpoints of the log: Ed25519, with a seed for each root key version. Calls no
 * store. An isolate keeps those of one log.
 * @param origin the name of the log, which is also that of its keys
 */
export function deriveLogKeys({ ring }: Pick<Context, 'ring'>, origin: string): Promise<LogKeys> {
  const last = kept.get(ring)
  if (last?.origin === origin) return last.keys
  const keys = deriveAnew({ ring }, origin)
  kept.set(ring, { origin, keys })
  keys.catch(() => kept.delete(ring))
  return keys
}

const kept = new WeakMap<Context['ring'], { readonly origin: string; readonly keys: Promise<LogKeys> }>()

async function deriveAnew({ ring }: Pick<Context, 'ring'>, origin: string): Promise<LogKeys> {
  const keys = ring.all.map(async (one) => {
    const signer = await createNoteSigner(await deriveBytes(one.root, 'log-note', 32), { name: origin, type: 'log' })
    return { version: one.version, signer, isTrusted: ring.trusted.includes(one) }
  })
  const all = await Promise.all(keys)
  return {
    signers: all.filter(({ isTrusted }) => isTrusted).map(({ signer }) => signer),
    derived: all.map(({ version, signer: { privateKey, ...key }, isTrusted }) => ({ version, key, isTrusted })),
  }
}

/** The name of a new log. An existing log keeps the name that its checkpoints have. */
export const originOf = ({ AUDIT_LOG_ORIGIN, ISSUER }: Pick<Context['settings'], 'AUDIT_LOG_ORIGIN' | 'ISSUER'>) =>
  AUDIT_LOG_ORIGIN ?? `${new URL(ISSUER).host}/audit`
