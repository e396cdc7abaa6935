import * as z from 'zod'
import { answerSchema, lazySchema, type View } from '../core/answer-schema.ts'
import { type Message, messageView } from '../core/message-view.ts'

/** The answer of `POST /auth/register`, where it may say that there is a new account. */
export const registeredView = answerSchema('Registered', () => ({ id: z.uuid(), message: z.string() }))

export type Registered = View<typeof registeredView>

export const showRegistered = (id: string): Registered => ({ id, message: 'User registered successfully.' })

/** The answer with `REGISTRATION_MODE=private`, whether or not the address is known. */
export const registrationMailed: Message = { message: 'A mail with the next step is on its way to the address.' }

/**
 * What a repeated request finds: the answer of the first. An earlier version kept its id alone, or null where
 * registration was private; it may have done so until 24 hours ago.
 */
export const keptRegistration = lazySchema(() =>
  z.union([
    registeredView.schema,
    messageView.schema,
    z.uuid().transform(showRegistered),
    z.null().transform(() => registrationMailed),
  ]),
)
