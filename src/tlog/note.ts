import { createHash } from 'node:crypto'

// Signed notes (https://c2sp.org/signed-note) and cosignatures of witnesses
// (https://c2sp.org/tlog-cosignature), both with Ed25519.

/** What a key signs: checkpoints as the log, or cosignatures as a witness. Both kinds sign with Ed25519. */
export type NoteKeyType = 'log' | 'witness'

/** The byte of each kind of signature in the public form of a key (C2SP signed-note). */
const TYPE_BYTES: Readonly<Record<NoteKeyType, number>> = { log: 1, witness: 4 }

/** A public key that verifies notes. */
export interface NoteKey {
  readonly name: string
  readonly type: NoteKeyType
  /** Ed25519: 32 bytes. */
  readonly publicKey: Uint8Array
}

export interface NoteSigner extends NoteKey {
  readonly privateKey: CryptoKey
}

/** One line of a note. */
export interface SignatureLine {
  readonly name: string
  /** The first four bytes identify the key. */
  readonly bytes: Uint8Array
}

export interface Note {
  /** Everything that is signed, with its last newline. */
  readonly body: string
  readonly signatures: readonly SignatureLine[]
}

/** A signature that holds. */
export interface VerifiedSignature {
  readonly key: NoteKey
  /** Unix seconds. Only a witness signs a time. */
  readonly time: number | undefined
  readonly line: SignatureLine
}

/** The most signatures of a note. */
const MOST_SIGNATURES = 64

/** The longest note. */
export const MOST_NOTE_CHARACTERS = 65_536

const ID_BYTES = 4
const TIME_BYTES = 8
const PUBLIC_KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/** The last second of a `Date`. A witness may name a later one, which no date can show. */
const LATEST_SECONDS = 8_640_000_000_000

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const SIGNATURE = /^\u2014 ([^\s+]+) (\S+)$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: a note has none of these.
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/

/** @returns undefined unless the text is the base64 of its bytes */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
  return bytes?.toString('base64') === text ? bytes : undefined
}

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** Reads a signed note. @returns undefined if it is malformed */
export function parseNote(text: string): Note | undefined {
  const end = text.lastIndexOf('\n\n')
  if (end === -1 || text.length > MOST_NOTE_CHARACTERS || CONTROL.test(text) || !text.endsWith('\n')) return undefined
  const lines = text.slice(end + 2, -1).split('\n')
  const signatures = lines.map(parseSignature)
  const areSound = lines.length <= MOST_SIGNATURES && signatures.every((one) => one !== undefined)
  return areSound ? { body: text.slice(0, end + 1), signatures } : undefined
}

function parseSignature(line: string): SignatureLine | undefined {
  const [, name = '', encoded = ''] = SIGNATURE.exec(line) ?? []
  const bytes = fromBase64(encoded)
  return name !== '' && bytes !== undefined && bytes.length > ID_BYTES ? { name, bytes } : undefined
}

/** Whether a line has the length of a cosignature, which signs a time as well. */
export const isCosignature = ({ bytes }: SignatureLine): boolean =>
  bytes.length === ID_BYTES + TIME_BYTES + SIGNATURE_BYTES

/** The line of a signature, with its newline. */
export const formatSignature = ({ name, bytes }: SignatureLine): string => `\u2014 ${name} ${toBase64(bytes)}\n`

export const formatNote = ({ body, signatures }: Note): string => `${body}\n${signatures.map(formatSignature).join('')}`

/** The four bytes that identify a key beside its name. */
function keyIdOf({ name, type, publicKey }: NoteKey): Uint8Array {
  const named = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(TYPE_BYTES[type]), publicKey])
  return createHash('sha256').update(named).digest().subarray(0, ID_BYTES)
}

/** The public form of a key (a vkey of C2SP signed-note), such as `example.com/log+530d903a+AekyeRrm…`. */
export function formatNoteKey(key: NoteKey): string {
  const material = Buffer.concat([Uint8Array.of(TYPE_BYTES[key.type]), key.publicKey])
  return `${key.name}+${Buffer.from(keyIdOf(key)).toString('hex')}+${toBase64(material)}`
}

const NOTE_KEY = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/

/** @returns undefined if the text is not the public form of a key of a known type */
export function parseNoteKey(text: string): NoteKey | undefined {
  const [, name = '', , encoded = ''] = NOTE_KEY.exec(text) ?? []
  const material = fromBase64(encoded)
  if (material?.length !== 1 + PUBLIC_KEY_BYTES) return undefined
  // A key of another type fails the comparison below.
  const type = material[0] === TYPE_BYTES.log ? 'log' : 'witness'
  const key = { name, type, publicKey: material.subarray(1) } as const
  return formatNoteKey(key) === text ? key : undefined
}

/** The line with the signature of a log. */
export async function signBody(body: string, signer: NoteSigner): Promise<SignatureLine> {
  const signature = await crypto.subtle.sign('Ed25519', signer.privateKey, Buffer.from(body))
  return { name: signer.name, bytes: Buffer.concat([keyIdOf(signer), new Uint8Array(signature)]) }
}

/** The line with which a witness says that it saw a checkpoint. @param time Unix seconds */
export async function cosignBody(body: string, signer: NoteSigner, time: number): Promise<SignatureLine> {
  const signature = await crypto.subtle.sign('Ed25519', signer.privateKey, Buffer.from(cosigned(body, time)))
  const seconds = Buffer.alloc(TIME_BYTES)
  seconds.writeBigUInt64BE(BigInt(time))
  return { name: signer.name, bytes: Buffer.concat([keyIdOf(signer), seconds, new Uint8Array(signature)]) }
}

const cosigned = (body: string, time: number): string => `cosignature/v1\ntime ${time}\n${body}`

/**
 * Verifies the signatures of known keys; others are ignored.
 * @returns those that hold; undefined if one of a known key does not hold
 */
export async function verifyNote(note: Note, keys: readonly NoteKey[]): Promise<VerifiedSignature[] | undefined> {
  const verified: VerifiedSignature[] = []
  for (const line of note.signatures) {
    const { name, bytes } = line
    const id = bytes.subarray(0, ID_BYTES)
    const key = keys.find((one) => one.name === name && Buffer.compare(keyIdOf(one), id) === 0)
    if (key === undefined) continue
    const signature = await verifySignature(note.body, key, bytes.subarray(ID_BYTES))
    if (signature === undefined) return undefined
    verified.push({ ...signature, line })
  }
  return verified
}

async function verifySignature(
  body: string,
  key: NoteKey,
  material: Uint8Array,
): Promise<Omit<VerifiedSignature, 'line'> | undefined> {
  const isTimed = key.type === 'witness'
  if (material.length !== SIGNATURE_BYTES + (isTimed ? TIME_BYTES : 0)) return undefined
  const time = isTimed ? Number(Buffer.from(material.subarray(0, TIME_BYTES)).readBigUInt64BE()) : undefined
  if (time !== undefined && time > LATEST_SECONDS) return undefined
  const text = time === undefined ? body : cosigned(body, time)
  const publicKey = await crypto.subtle.importKey('raw', Buffer.from(key.publicKey), 'Ed25519', false, ['verify'])
  const signature = Buffer.from(material.subarray(-SIGNATURE_BYTES))
  return (await crypto.subtle.verify('Ed25519', publicKey, signature, Buffer.from(text))) ? { key, time } : undefined
}

/** PKCS #8 of an Ed25519 private key (RFC 8410), before its 32 bytes. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * The signer of a seed (RFC 8032). The same seed always gives the same key.
 * @param seed 32 bytes
 */
export async function createNoteSigner(
  seed: Uint8Array,
  { name, type }: Pick<NoteKey, 'name' | 'type'>,
): Promise<NoteSigner> {
  const encoded = Buffer.concat([PKCS8, seed])
  const extractable = await crypto.subtle.importKey('pkcs8', encoded, 'Ed25519', true, ['sign'])
  const jwk = await crypto.subtle.exportKey('jwk', extractable)
  if (!('x' in jwk) || typeof jwk.x !== 'string') throw new TypeError('an Ed25519 key without its public part')
  const privateKey = await crypto.subtle.importKey('pkcs8', encoded, 'Ed25519', false, ['sign'])
  return { name, type, publicKey: Buffer.from(jwk.x, 'base64url'), privateKey }
}
