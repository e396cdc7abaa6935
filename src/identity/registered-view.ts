import * as z from 'zod'
import { answerSchema, lazySchema, type View } from '../core/answer-schema.ts'
import { type Message, messageView } from '../core/message-view.ts'

/** The answer of `POST /auth/register` in public mode. */
export const registeredView = answerSchema('Registered', () => ({ id: z.uuid(), message: z.string() }))

export type Registered = View<typeof registeredView>

export const showRegistered = (id: string): Registered => ({ id, message: 'User registered successfully.' })

/** The answer in private mode (`REGISTRATION_MODE=private`), whether or not the address is known. */
export const registrationMailed: Message = { message: 'A mail with the next step is on its way to the address.' }

/**
 * The stored answer of the first request, for a retry with the same idempotency key. An earlier version
 * stored only the id, or null in private mode. Such rows may be up to 24 hours old.
 */
export const keptRegistration = lazySchema(() =>
  z.union([
    registeredView.schema,
    messageView.schema,
    z.uuid().transform(showRegistered),
    z.null().transform(() => registrationMailed),
  ]),
)
