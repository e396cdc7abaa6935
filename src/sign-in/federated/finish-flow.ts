import type { Context } from '../../context.ts'
import type { SignInFailure } from '../../core/audit-event.ts'
import type { NewConsent } from '../../core/consent.ts'
import { AppError, type ProblemCode } from '../../core/errors.ts'
import { ProviderError } from '../../core/identity-provider.ts'
import { mayRegisterAt } from '../../core/redirect-uri.ts'
import { mintOneTimeToken } from '../../crypto/one-time-token.ts'
import { addClientLater, keyOfSubject } from '../../storage/database/add-client-later.ts'
import { useState } from '../../storage/database/oauth-flows.ts'
import { recordEvent } from '../../storage/database/outbox.ts'
import { returnAddress } from '../return-address.ts'
import { classifyProviderError } from './classify-provider-error.ts'
import { type Flow, openFlow } from './flow.ts'
import { type ResolveDependencies, resolveIdentity } from './resolve-identity.ts'
import { stageIdentityLink } from './stage-identity-link.ts'

type Dependencies = ResolveDependencies & Pick<Context, 'identityProviders'>

interface Callback {
  /** The provider's name in the settings, from the path. */
  readonly provider: string
  /** The sealed flow that this browser kept, or undefined. */
  readonly sealedFlow: string | undefined
  /** The parameters that the provider added to the callback. */
  readonly parameters: URLSearchParams
  /** Consent decisions that the browser sends with a sign-up. */
  readonly consents: readonly NewConsent[]
}

/**
 * Handles a browser that returns from a provider. Until the state is checked, nothing is written and the
 * browser is not redirected. From then on the browser always returns to the application, with a code or an
 * error, and never with a token.
 * @throws AppError `not_found`, `invalid_state`
 */
export async function finishFlow(ctx: Dependencies, callback: Callback): Promise<string> {
  const { db, ring, now } = ctx
  const { provider, parameters } = callback
  if (!ctx.identityProviders.has(provider)) throw new AppError('not_found')
  const flow = await openFlow(ring, provider, callback.sealedFlow ?? '', now)
  const states = parameters.getAll('state')
  if (flow === undefined || states.length !== 1 || states[0] !== flow.state) throw new AppError('invalid_state')
  const used = await db.first(useState({ ...flow, provider, now }))
  if (used === undefined) throw new AppError('invalid_state')
  try {
    await confirmIdentity(ctx, callback, flow)
    return returnAddress(flow, { code: await mintOneTimeToken(ring, 'code', flow.id) })
  } catch (error) {
    return returnAddress(flow, { error: await recordFailure(ctx, { provider, userId: flow.userId }, error) })
  }
}

/** Reads the identity from the provider and binds the flow's code to it. @throws ProviderError, AppError */
async function confirmIdentity(ctx: Dependencies, { provider, parameters, consents }: Callback, flow: Flow) {
  const identity = await ctx.identityProviders.get(provider)?.readIdentity(flow, parameters)
  if (identity === undefined) throw new ProviderError('rejected')
  const mayLinkOrRegister = mayRegisterAt(ctx.settings.ISSUER, flow.redirectUri)
  if (flow.userId === undefined)
    await resolveIdentity(ctx, { flowId: flow.id, provider, identity, consents, mayLinkOrRegister })
  else await stageIdentityLink(ctx, { flowId: flow.id, userId: flow.userId, provider, identity })
}

type FailedFlow = Pick<Callback, 'provider'> & Pick<Flow, 'userId'>

/**
 * Records why the flow failed.
 * @returns the error code for the application
 * @throws any error that neither the person nor the provider caused
 */
async function recordFailure(ctx: Dependencies, flow: FailedFlow, error: unknown): Promise<ProblemCode> {
  if (error instanceof AppError) return error.code
  const { provider, userId } = flow
  const { code, reason } = classifyProviderError(provider, error)
  const later = addClientLater(ctx, keyOfSubject(ctx))
  await ctx.db.batch({ failed: recordEvent(ctx, failureEvent(reason, userId), { later }) })
  return code
}

function failureEvent(reason: SignInFailure, userId: Flow['userId']) {
  const detail = { reason }
  if (userId === undefined) return { action: 'user.sign_in_failed', outcome: 'failure', detail } as const
  return { action: 'identity.link_failed', outcome: 'failure', subjectId: userId, detail } as const
}
