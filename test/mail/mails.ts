import type { Mail, MailTemplate, Occurrence } from '../../src/core/mail.ts'

export const LINK = 'https://id.example/account/verify-email#token=lk_verify_0198.mac-part'

const atMs = Date.UTC(2026, 10, 3, 17, 4)
const occurrence: Occurrence = { atMs, device: 'Firefox on Linux', place: 'Berlin, DE' }

/** One mail of each template. */
export const mails: { readonly [Template in MailTemplate]: Extract<Mail, { template: Template }> } = {
  'verify-email': { template: 'verify-email', link: LINK },
  'reset-password': { template: 'reset-password', link: LINK },
  'sign-in': { template: 'sign-in', link: LINK, code: '40219573' },
  'sign-up': { template: 'sign-up', link: LINK, code: '40219573' },
  'confirm-email': { template: 'confirm-email', link: LINK },
  'email-changed': { template: 'email-changed', link: LINK, occurrence },
  'already-registered': { template: 'already-registered', link: LINK },
  'new-device': { template: 'new-device', occurrence },
  'password-changed': { template: 'password-changed', droppedProviders: [], keptProviders: ['github'], occurrence },
  'password-reset': {
    template: 'password-reset',
    droppedProviders: ['google', 'acme'],
    keptProviders: ['github'],
    occurrence,
  },
  'password-removed': { template: 'password-removed', occurrence },
  'identity-linked': { template: 'identity-linked', occurrence, provider: 'google' },
  'identity-unlinked': { template: 'identity-unlinked', occurrence, provider: 'google' },
  'account-deleted': {
    template: 'account-deleted',
    link: LINK,
    occurrence,
    restoreUntilMs: Date.UTC(2026, 11, 3, 17, 4),
  },
  restore: { template: 'restore', link: LINK },
  'account-restored': { template: 'account-restored', occurrence },
  'account-suspended': { template: 'account-suspended', suspendedUntilMs: Date.UTC(2026, 11, 3, 17, 4) },
  'suspension-ended': { template: 'suspension-ended' },
  'session-reuse': { template: 'session-reuse', occurrence },
  'two-step-enabled': { template: 'two-step-enabled', occurrence },
  'two-step-disabled': { template: 'two-step-disabled', occurrence },
  'totp-added': { template: 'totp-added', occurrence },
  'totp-replaced': { template: 'totp-replaced', occurrence },
  'totp-removed': { template: 'totp-removed', occurrence },
  'passkey-added': { template: 'passkey-added', link: LINK, occurrence },
  'passkey-removed': { template: 'passkey-removed', occurrence },
  'passkey-suspended': { template: 'passkey-suspended', occurrence },
  'recovery-codes-made': { template: 'recovery-codes-made', occurrence },
  'recovery-code-used': { template: 'recovery-code-used', occurrence, codesLeft: 7 },
  'second-factor-failed': { template: 'second-factor-failed', occurrence },
  'two-step-due': { template: 'two-step-due', dueAtMs: Date.UTC(2026, 11, 3, 17, 4) },
  'enrolment-code': { template: 'enrolment-code', code: '04711813' },
  'factor-reset-requested': {
    template: 'factor-reset-requested',
    link: LINK,
    factorKinds: ['totp'],
    resetAtMs: Date.UTC(2026, 11, 3, 17, 4),
  },
  'factors-reset': { template: 'factors-reset', factorKinds: ['totp', 'recovery_codes'] },
  'notices-held-back': { template: 'notices-held-back', heldBack: 17 },
}

/** The same mail, with a device and a place that an attacker chose. */
export const withForeignText = (mail: Mail, text: string): Mail =>
  'occurrence' in mail ? { ...mail, occurrence: { atMs, device: text, place: text } } : mail
