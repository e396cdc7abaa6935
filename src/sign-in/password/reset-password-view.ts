import * as z from 'zod'
import { answerSchema, type View } from '../../core/answer-schema.ts'

/** A device token. At the next sign-in it distinguishes the owner's device from other people's. */
export const deviceTokenView = answerSchema('DeviceToken', () => ({ device_token: z.string() }))

export type DeviceTokenView = View<typeof deviceTokenView>
