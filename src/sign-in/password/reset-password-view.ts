import * as z from 'zod'
import { answerSchema, type View } from '../../core/answer-schema.ts'

/** A token that tells the owner's device from a stranger's at the next sign-in. */
export const deviceTokenView = answerSchema('DeviceToken', () => ({ device_token: z.string() }))

export type DeviceTokenView = View<typeof deviceTokenView>
