import { z } from 'zod'
import { type Settings, settingsSchema } from './core/settings.ts'
import { fromBase64url } from './crypto/encoding.ts'
import type { RootKey } from './crypto/key-ring.ts'

export interface Config {
  readonly settings: Settings
  /** Newest first. */
  readonly rootKeys: readonly RootKey[]
}

/** A setting is missing or wrong. Names the settings, never their values. */
export class ConfigError extends Error {
  readonly settings: readonly string[]

  constructor(settings: readonly string[]) {
    super(`missing or invalid: ${settings.join(', ')}`)
    this.name = 'ConfigError'
    this.settings = settings
  }
}

const KEY_BYTES = 32
const MIN_DISTINCT_BYTES = 12

const rootKeySchema = z
  .string()
  .regex(/^[1-9]\d{0,8}:[A-Za-z0-9_-]{43}$/)
  .transform((text, issues): RootKey => {
    const [version = '', encoded = ''] = text.split(':')
    const secret = fromBase64url(encoded)
    if (secret?.length !== KEY_BYTES || looksMadeUp(secret)) issues.addIssue('not 32 random bytes')
    return { version: Number(version), secret: secret ?? new Uint8Array(KEY_BYTES) }
  })

/** `<version>:<base64url of 32 random bytes>`, newest first, comma-separated. */
const rootKeysSchema = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(rootKeySchema).min(1).max(8))
  .refine((keys) => new Set(keys.map(({ version }) => version)).size === keys.length)
  .refine((keys) => new Set(keys.map(({ secret }) => secret.join())).size === keys.length)

/** @throws ConfigError naming every setting that is missing, malformed, too weak or a placeholder */
export function parseConfig(env: object): Config {
  const parsed = settingsSchema.extend({ ROOT_KEYS: rootKeysSchema }).safeParse(env)
  if (!parsed.success) throw new ConfigError([...new Set(parsed.error.issues.map(({ path }) => String(path[0])))])
  const { ROOT_KEYS, ...settings } = parsed.data
  return Object.freeze({ settings: Object.freeze(settings), rootKeys: ROOT_KEYS })
}

/**
 * 32 random bytes hold fewer than 12 different values less than once in 10^20; "aaaa…", repeated words, counters with
 * a constant step and the like are what people type when they mean to come back later.
 */
function looksMadeUp(bytes: Uint8Array): boolean {
  const steps = new Set(bytes.map((byte, i) => (byte - (bytes[i - 1] ?? 0)) & 0xff))
  return new Set(bytes).size < MIN_DISTINCT_BYTES || steps.size < MIN_DISTINCT_BYTES
}
