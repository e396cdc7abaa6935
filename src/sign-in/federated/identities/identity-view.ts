import * as z from 'zod'
import { answerSchema, time, type View } from '../../../core/answer-schema.ts'
import { rfc3339 } from '../../../core/time.ts'

/** A linked identity, as shown to its owner. */
export const identityView = answerSchema('Identity', () => ({
  id: z.uuid(),
  /** The provider's name in the settings. */
  provider: z.string(),
  linked_at: time(),
}))

export type Identity = View<typeof identityView>

/** The answer of `GET /users/me/identities`. */
export const identityListView = answerSchema('IdentityList', () => ({ identities: z.array(identityView.schema) }))

export type IdentityList = View<typeof identityListView>

interface Login {
  readonly id: string
  readonly provider: string
  /** Unix milliseconds. */
  readonly linked_at: number
}

export const showIdentity = ({ id, provider, linked_at }: Login): Identity => ({
  id,
  provider,
  linked_at: rfc3339(linked_at),
})
