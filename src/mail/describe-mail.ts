import { describePlace } from '../core/client-details.ts'
import { type LinkPage, type Mail, MailRefusedError, type MailTemplate, type Occurrence } from '../core/mail.ts'
import type { MailPayload } from '../core/mail-job.ts'
import type { TokenPurpose } from '../core/token-text.ts'
import { describeDevice } from '../core/user-agent.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { mailCodeOf } from '../crypto/mail-code.ts'
import { mintOneTimeToken } from '../crypto/one-time-token.ts'
import type { MailJob } from './claim-mail-job.ts'

/** The page that a mail links to, and the purpose of the token in the link, if there is one. */
const links: { readonly [Template in MailTemplate]?: readonly [page: LinkPage, purpose: TokenPurpose | null] } = {
  'verify-email': ['verify-email', 'verify'],
  'reset-password': ['reset-password', 'reset'],
  'already-registered': ['reset-password', 'reset'],
  'confirm-email': ['confirm-email', 'change'],
  'email-changed': ['undo-email', 'undo'],
  'sign-in': ['sign-in', 'signin'],
  'sign-up': ['sign-in', 'signin'],
  restore: ['restore', 'recover'],
  'account-deleted': ['restore', null],
  'factor-reset-requested': ['keep-factors', 'keep'],
  'passkey-added': ['undo-passkey', 'unkey'],
}

interface Sender {
  readonly ring: KeyRing
  /**
   * The base of all links. It comes from the configuration and never from a request (Supabase
   * GHSA-3529-5m8x-rpv3).
   */
  readonly linkBase: string
}

/**
 * Describes the content of a mail. The token in its link is created here, just before sending, and is stored
 * nowhere.
 */
export async function describeMail({ ring, linkBase }: Sender, job: MailJob, payload: MailPayload): Promise<Mail> {
  const occurrence = occurrenceOf(job, payload)
  const link = await linkOf(job, ring, linkBase)
  switch (job.template) {
    case 'verify-email':
    case 'reset-password':
    case 'confirm-email':
    case 'already-registered':
    case 'restore':
      return { template: job.template, link }
    case 'sign-in':
    case 'sign-up':
      return { template: job.template, link, code: await mailCodeOf(ring, job.id) }
    case 'email-changed':
    case 'passkey-added':
      return { template: job.template, link, occurrence }
    case 'account-deleted':
      return { template: job.template, link, occurrence, restoreUntilMs: payload.restoreUntilMs ?? job.created_at }
    case 'account-suspended':
      return { template: job.template, suspendedUntilMs: payload.suspendedUntilMs }
    case 'suspension-ended':
      return { template: job.template }
    case 'identity-linked':
    case 'identity-unlinked':
      return { template: job.template, occurrence, provider: payload.provider ?? '' }
    case 'notices-held-back':
      return { template: job.template, heldBack: job.held_back }
    case 'password-changed':
    case 'password-reset': {
      const { droppedProviders = [], keptProviders = [] } = payload
      return { template: job.template, occurrence, droppedProviders, keptProviders }
    }
    case 'recovery-code-used':
      return { template: job.template, occurrence, codesLeft: payload.codesLeft }
    case 'two-step-due':
      return { template: job.template, dueAtMs: job.two_step_due_at ?? undefined }
    case 'enrolment-code':
      return { template: job.template, code: await codeOf(payload, ring) }
    case 'factor-reset-requested': {
      const { factorKinds = [], resetAtMs } = payload
      return { template: job.template, link, factorKinds, resetAtMs }
    }
    case 'factors-reset':
      return { template: job.template, factorKinds: payload.factorKinds ?? [] }
    case 'new-device':
    case 'account-restored':
    case 'session-reuse':
    case 'two-step-enabled':
    case 'two-step-disabled':
    case 'totp-added':
    case 'totp-replaced':
    case 'totp-removed':
    case 'password-removed':
    case 'passkey-removed':
    case 'passkey-suspended':
    case 'recovery-codes-made':
    case 'second-factor-failed':
      return { template: job.template, occurrence }
  }
}

function occurrenceOf({ created_at: atMs }: MailJob, { client = {} }: MailPayload): Occurrence {
  return { atMs, device: describeDevice(client), place: describePlace(client) }
}

/** @throws MailRefusedError if the job was ordered without an id for its code: such a mail is useless */
async function codeOf({ codeFor }: MailPayload, ring: KeyRing): Promise<string> {
  if (codeFor === undefined) throw new MailRefusedError('NoCode')
  return mailCodeOf(ring, codeFor)
}

/** The token is in the fragment, which browsers do not send to servers, so that it is in no log. */
async function linkOf({ id, template, token_id }: MailJob, ring: KeyRing, linkBase: string): Promise<string> {
  const [page, purpose] = links[template] ?? []
  if (page === undefined) return linkBase
  const tokenId = purpose === 'signin' ? id : token_id
  if (purpose == null || tokenId === null) return `${linkBase}/${page}`
  return `${linkBase}/${page}#token=${await mintOneTimeToken(ring, purpose, tokenId)}`
}
