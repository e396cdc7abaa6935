import * as z from 'zod'
import { answerSchema, type View } from '../../core/answer-schema.ts'

/** What a page needs to know about an application before it sends a person there. */
export const returnCheckView = answerSchema('ReturnCheck', () => ({
  /** The host of the address, with the port unless it is the usual one. */
  host: z.string(),
  /** Where the browser goes when the person gives up. */
  denied: z.string(),
}))

/** Where the browser returns to the application. */
export const returnView = answerSchema('ReturnLocation', () => ({
  /** The address of the application with a code. */
  location: z.string(),
}))

export type CheckedReturn = View<typeof returnCheckView>
export type ReturnLocation = View<typeof returnView>
