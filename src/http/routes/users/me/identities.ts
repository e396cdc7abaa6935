import * as z from 'zod'
import { identityListView, identityView, showIdentity } from '../../../../sign-in/federated/identities/identity-view.ts'
import { linkIdentity } from '../../../../sign-in/federated/identities/link-identity.ts'
import { listIdentities } from '../../../../sign-in/federated/identities/list-identities.ts'
import { answer } from '../../../contract/answers.ts'
import { route } from '../../../contract/contract.ts'
import { examples } from '../../../examples/examples.ts'
import { codeSchemas } from '../../body-schemas.ts'

const identity = () => showIdentity({ id: examples.id, provider: 'google', linked_at: examples.atMs })

export const listIdentitiesRoute = route({
  method: 'GET',
  path: '/api/v1/users/me/identities',
  id: 'listIdentities',
  area: 'Social sign-in',
  access: 'bearer',
  summary: 'List linked identities',
  answers: {
    200: {
      description: 'Linked identities, oldest first.',
      schema: identityListView,
      example: () => ({ identities: [identity()] }),
    },
  },
  async handle(c) {
    return answer(200, await listIdentities(c.get('ctx'), c.get('principal')))
  },
})

export const linkIdentityRoute = route({
  method: 'POST',
  path: '/api/v1/users/me/identities',
  id: 'linkIdentity',
  area: 'Social sign-in',
  access: 'bearer',
  limits: { policy: 'change-identities' },
  summary: 'Link an identity with a code',
  body: z.strictObject(codeSchemas),
  example: examples.codeExchange,
  answers: { 201: { description: 'The linked identity.', schema: identityView, example: identity } },
  problems: ['invalid_token', 'identity_taken', 'email_unverified'],
  async handle(c, { code, code_verifier: codeVerifier }) {
    return answer(201, await linkIdentity(c.get('ctx'), c.get('principal'), { code, codeVerifier }))
  },
})
