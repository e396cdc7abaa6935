import { userIdSchema } from '../../src/core/ids.ts'
import { sealPasskeyDetails } from '../../src/storage/database/passkeys.ts'
import { type Answer, type Call, call, ORIGIN, type Person, post } from './api.ts'
import { newAuthenticator, type Variant } from './authenticator.ts'
import { jobContext } from './job-context.ts'
import { appOfTestUsers } from './passwords.ts'
import { change, prove } from './stores.ts'

type Authenticator = ReturnType<typeof newAuthenticator>
type Behaviour = Parameters<typeof newAuthenticator>[0]

/** A software authenticator on the origin of the service in the tests. */
export const newDevice = (behaviour: Partial<Behaviour> = {}): Authenticator =>
  newAuthenticator({ origin: ORIGIN, ...behaviour })

/** A device-bound key with a counter. */
export const newSecurityKey = (): Authenticator => newDevice({ isBackupEligible: false, counterStep: 1 })

const PASSKEYS = '/api/v1/users/me/passkeys'

type Wanted = { kind?: 'passkey' | 'security_key'; mediation?: 'conditional' }

/** The options for a new passkey, and their ticket. */
export const passkeyOptions = ({ accessToken }: Pick<Person, 'accessToken'>, wanted: Wanted = {}, options: Call = {}) =>
  call(`${PASSKEYS}/options`, { token: accessToken, body: wanted, ...options })

interface Added {
  readonly wanted?: Wanted
  readonly variant?: Variant
  readonly body?: Record<string, unknown>
  readonly call?: Call
}

/** Adds a passkey of this device, as its owner would. */
export async function addPasskey(
  person: Pick<Person, 'accessToken'>,
  device: Authenticator,
  { wanted, variant, body, call: options }: Added = {},
): Promise<Answer> {
  const offer = await passkeyOptions(person, wanted, options)
  if (offer.status !== 200) return offer
  const credential = await device.create(offer.body.public_key, variant)
  return finishPasskey(person, { ticket: offer.body.ticket, credential, ...body }, options)
}

export const finishPasskey = ({ accessToken }: Pick<Person, 'accessToken'>, body: unknown, options: Call = {}) =>
  call(PASSKEYS, { token: accessToken, body, ...options })

/**
 * A device with a passkey of this person, whose address it proves. @returns the device, and the id of the
 * passkey
 */
export async function givePasskey(person: Pick<Person, 'id' | 'accessToken'>, behaviour: Partial<Behaviour> = {}) {
  const device = newDevice(behaviour)
  await prove(person)
  const { status, body } = await addPasskey(person, device)
  if (status !== 201) throw new Error(`adding a passkey answered ${status}`)
  return { device, id: String(body.id) }
}

/** A row of a passkey that no device has. @returns its id */
export async function storePasskey(owner: Pick<Person, 'id'>): Promise<string> {
  const [id, userId] = [crypto.randomUUID(), userIdSchema.parse(owner.id)]
  const lookup = await (await jobContext()).vault.find(userId)
  if (lookup.kind !== 'found') throw new Error('no key')
  const details = { aaguid: '00000000-0000-0000-0000-000000000000', transports: ['usb'] }
  await change(
    `INSERT INTO passkeys (id, user_id, rp_id, credential_id, public_key, is_backup_eligible, is_backed_up,
       is_discoverable, is_uv_initialized, created_at, details_enc)
     VALUES (?1, ?2, 'latchkey.test', ?1, '{}', 1, 1, 1, 1, ?3, ?4)`,
    ...[id, userId, Date.now(), await sealPasskeyDetails(lookup.key, { passkeyId: id, userId }, details)],
  )
  return id
}

/** The ticket of a sign-in, and the answer of the authenticator to its challenge. */
export async function answerChallenge(device: Authenticator, variant: Variant = {}) {
  const { body } = await post('/auth/passkey/options', {})
  return { ticket: String(body.ticket), credential: await device.get(body.public_key, variant) }
}

/** Signs in with a passkey. */
export const signInByPasskey = async (
  device: Authenticator,
  variant: Variant = {},
  options: Call = {},
): Promise<Answer> => sendAnswer(await answerChallenge(device, variant), options)

/** What adds a passkey of this device without a session, but for the mailed code. */
export async function answerEnrolment(token: string, device: Authenticator, kind?: Wanted['kind']) {
  const { status, body } = await post('/auth/enrol/passkeys/options', { enrolment_token: token, kind })
  if (status !== 200) throw new Error(`the options answered ${status}`)
  return { enrolment_token: token, ticket: String(body.ticket), credential: await device.create(body.public_key) }
}

/** The ticket of a step-up, and the answer of the authenticator to its challenge. */
export async function answerStepUp(
  { accessToken }: Pick<Person, 'accessToken'>,
  device: Authenticator,
  variant: Variant = {},
) {
  const { status, body } = await call('/api/v1/auth/step-up/options', { method: 'POST', token: accessToken })
  if (status !== 200) throw new Error(`the options answered ${status}`)
  return { ticket: String(body.ticket), credential: await device.get(body.public_key, variant) }
}

/** Steps up with a passkey or a security key. */
export const stepUpByPasskey = async (
  person: Pick<Person, 'accessToken'>,
  device: Authenticator,
  variant: Variant = {},
  options: Call = {},
): Promise<Answer> =>
  post('/auth/step-up', await answerStepUp(person, device, variant), { token: person.accessToken, ...options })

export const removePasskey = ({ accessToken }: Pick<Person, 'accessToken'>, id: string, options: Call = {}) =>
  call(`${PASSKEYS}/${id}`, { method: 'DELETE', token: accessToken, ...options })

export const sendAnswer = (body: unknown, options: Call = {}): Promise<Answer> =>
  post('/auth/passkey', body, { app: appOfTestUsers, ...options })
