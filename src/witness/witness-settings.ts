import {
  createNoteSigner,
  formatNoteKey,
  fromBase64,
  type NoteKey,
  type NoteSigner,
  parseNoteKey,
} from '../tlog/note.ts'

/** The bindings of wrangler.toml. Values of settings are unchecked. */
export interface WitnessEnv {
  readonly DB: D1Database
  readonly WITNESS_NAME?: unknown
  readonly WITNESS_KEYS?: unknown
  readonly LOGS?: unknown
}

export interface WitnessSettings {
  /** Newest first. All of them sign. */
  readonly signers: readonly NoteSigner[]
  /** The keys of the watched logs. Their names are the origins. A log may have several keys. */
  readonly logs: readonly NoteKey[]
}

/** A setting is missing or wrong. The message has no values. */
export class WitnessSettingsError extends Error {
  override readonly name = 'WitnessSettingsError'
}

const SEED_BYTES = 32
const MOST_SEEDS = 4
/** 32 random bytes with fewer different values are less likely than one in a billion. */
const MIN_DISTINCT = 12

/** A schema-less URL, as C2SP tlog-cosignature recommends. */
const NAME = /^[\w.:/-]{1,200}$/

/** Reads the settings of the witness. @throws WitnessSettingsError naming all that are wrong */
export async function readWitnessSettings({ WITNESS_NAME, WITNESS_KEYS, LOGS }: WitnessEnv): Promise<WitnessSettings> {
  const name = typeof WITNESS_NAME === 'string' && NAME.test(WITNESS_NAME) ? WITNESS_NAME : undefined
  const seeds = readSeeds(WITNESS_KEYS)
  const logs = readLogs(LOGS)
  const wrong = [
    name === undefined && 'WITNESS_NAME must be a name such as auditor.example/latchkey',
    seeds === undefined && `WITNESS_KEYS must be 1 to ${MOST_SEEDS} of the base64 of 32 random bytes, comma-separated`,
    logs === undefined && 'LOGS must be the vkeys of logs, each once, separated by spaces',
  ].filter((text) => text !== false)
  if (name === undefined || seeds === undefined || logs === undefined) throw new WitnessSettingsError(wrong.join('; '))
  const signers = await Promise.all(seeds.map((seed) => createNoteSigner(seed, { name, type: 'witness' })))
  return { signers, logs }
}

function readSeeds(text: unknown): readonly Uint8Array[] | undefined {
  const parts = typeof text === 'string' ? text.split(',').map((part) => part.trim()) : []
  const seeds = parts.map(fromBase64).filter((seed) => seed?.length === SEED_BYTES && isRandom(seed))
  const areAll = seeds.length > 0 && seeds.length === parts.length && seeds.length <= MOST_SEEDS
  return areAll && new Set(parts).size === parts.length ? seeds.filter((seed) => seed !== undefined) : undefined
}

const isRandom = (seed: Uint8Array): boolean => new Set(seed).size >= MIN_DISTINCT

function readLogs(text: unknown): readonly NoteKey[] | undefined {
  const words = typeof text === 'string' ? text.split(/\s+/).filter((word) => word !== '') : []
  const keys = words.map(parseNoteKey).filter((key) => key?.type === 'log')
  const isSound = keys.length > 0 && keys.length === words.length && new Set(words).size === words.length
  return isSound ? keys.filter((key) => key !== undefined) : undefined
}

/** The public keys of the witness, in the form that a policy has (vkeys). */
export const publicKeysOf = ({ signers }: WitnessSettings): readonly string[] => signers.map(formatNoteKey)
