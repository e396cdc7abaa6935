import * as z from 'zod'
import { distrustOf } from '../core/distrust.ts'
import { readClientSecrets } from '../core/oauth-settings.ts'
import { findConflicts, type Settings, settingsSchema } from '../core/settings.ts'
import { fromBase64url } from '../crypto/encoding.ts'
import type { RootKey } from '../crypto/key-ring.ts'

export interface Config {
  readonly settings: Settings
  /** Newest first. */
  readonly rootKeys: readonly RootKey[]
  /** By the provider's name. */
  readonly clientSecrets: Readonly<Record<string, string>>
}

/** A setting is missing or wrong. The error holds the names of the settings, never their values. */
export class ConfigError extends Error {
  readonly settings: readonly string[]

  constructor(settings: readonly string[]) {
    super(`missing or invalid: ${settings.join(', ')}`)
    this.name = 'ConfigError'
    this.settings = settings
  }
}

const KEY_BYTES = 32
const MIN_DISTINCT = 12
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const ROOT_KEY = /^([1-9]\d{0,8}):([A-Za-z0-9_-]{43})$/
const MAX_ROOT_KEYS = 8

/** `<version>:<base64url of 32 random bytes>`, newest first, comma-separated. */
const rootKeysSchema = z.string().transform((text, issues): RootKey[] => {
  const keys = text.split(',').flatMap((part) => parseRootKey(part.trim()) ?? [])
  const areDistinct = [keys.map(({ version }) => version), keys.map(({ secret }) => secret.join())].every(
    (values) => new Set<unknown>(values).size === values.length,
  )
  if (keys.length !== text.split(',').length || keys.length > MAX_ROOT_KEYS || !areDistinct)
    issues.addIssue('not versioned keys of 32 random bytes')
  return keys
})

function parseRootKey(text: string): RootKey | undefined {
  const [, version, encoded = ''] = ROOT_KEY.exec(text) ?? []
  const secret = fromBase64url(encoded)
  if (secret?.length !== KEY_BYTES || looksLikePlaceholder(secret, encoded)) return undefined
  return { version: Number(version), secret }
}

/**
 * Parses all settings. The newest root key signs, so it cannot be in `DISTRUSTED_ROOT_KEYS`.
 * @throws ConfigError with the name of every setting that is missing, malformed, too weak or a placeholder
 */
export function parseConfig(env: object): Config {
  const parsed = settingsSchema.extend({ ROOT_KEYS: rootKeysSchema }).safeParse(env)
  if (!parsed.success) throw new ConfigError([...new Set(parsed.error.issues.map(({ path }) => String(path[0])))])
  const { ROOT_KEYS, ...settings } = parsed.data
  const { secrets, missing } = readClientSecrets(env, settings.OAUTH_PROVIDERS)
  const conflicts = [...findConflicts(settings), ...missing]
  if (distrustOf(settings.DISTRUSTED_ROOT_KEYS, ROOT_KEYS[0]?.version ?? null)) conflicts.push('DISTRUSTED_ROOT_KEYS')
  if (conflicts.length > 0) throw new ConfigError(conflicts)
  return Object.freeze({ settings: Object.freeze(settings), rootKeys: ROOT_KEYS, clientSecrets: secrets })
}

/**
 * Parses the root keys only, for tools that need no other setting.
 * @param text the value of the secret `ROOT_KEYS`
 * @throws ConfigError
 */
export function parseRootKeys(text: string | undefined): readonly RootKey[] {
  const parsed = rootKeysSchema.safeParse(text)
  if (!parsed.success) throw new ConfigError(['ROOT_KEYS'])
  return parsed.data
}

/**
 * Whether a secret looks like a placeholder: "aaaa…", repeated words, sentences, counters with a constant
 * step and similar values, as bytes or as the encoded text. Of random 32-byte secrets, fewer than one in a
 * billion look like that.
 */
function looksLikePlaceholder(bytes: Uint8Array, encoded: string): boolean {
  const isTyped = bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
  const isRepeated = bytes.every((byte, i) => byte === bytes[i % (KEY_BYTES / 2)])
  const sextets = Uint8Array.from(encoded, (character) => ALPHABET.indexOf(character))
  return isTyped || isRepeated || isMonotonous(bytes, 0xff) || isMonotonous(sextets, 0x3f)
}

/** Whether there are few different values, or few different steps from one value to the next. */
function isMonotonous(values: Uint8Array, mask: number): boolean {
  const steps = values.map((value, i) => (value - (values[i - 1] ?? 0)) & mask)
  return new Set(values).size < MIN_DISTINCT || new Set(steps).size < MIN_DISTINCT
}
