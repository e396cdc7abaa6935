import type { Locale, Mail, Occurrence } from '../core/mail.ts'
import { foreignText, oneLine } from './foreign-text.ts'
import { mailWords } from './words/by-locale.ts'
import type { MailLanguage } from './words/words.ts'

/** The content of a mail in reading order, as plain text. Both layouts (text and HTML) show exactly this. */
export interface ComposedMail {
  readonly locale: Locale
  readonly subject: string
  readonly heading: string
  readonly lead: string
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  readonly advice: readonly string[]
  readonly link: ComposedLink | undefined
  readonly footer: string
}

interface ComposedLink {
  readonly url: string
  readonly action: string
  readonly asText: string
  readonly note: string
}

/** Fills a mail's values into the words of a language. */
export function fillWords(mail: Mail, { productName, locale }: { productName: string; locale: Locale }): ComposedMail {
  const words = mailWords[locale](oneLine(productName))
  const { subject, heading, lead, advice } = words.mails[mail.template]
  return {
    locale,
    subject,
    heading,
    lead,
    facts: factsOf(mail, words),
    advice,
    link: 'link' in mail ? linkOf(mail, words) : undefined,
    footer: words.footer,
  }
}

function linkOf(
  { template, link }: Extract<Mail, { link: string }>,
  { mails, linkAsText }: MailLanguage,
): ComposedLink {
  const { action, note } = mails[template]
  return { url: link, action, asText: linkAsText, note }
}

function factsOf(mail: Mail, words: MailLanguage): ComposedMail['facts'] {
  const { labels } = words
  return [
    ...('provider' in mail ? [{ label: labels.provider, value: foreignText(mail.provider) || labels.unknown }] : []),
    ...('occurrence' in mail ? occurrenceOf(mail.occurrence, words) : []),
    ...('keptProviders' in mail ? otherWaysIn(mail, labels) : []),
    ...('restoreUntilMs' in mail
      ? [{ label: labels.restoreUntil, value: formatTime(mail.restoreUntilMs, words.dateLocale) }]
      : []),
    ...('heldBack' in mail ? [{ label: labels.heldBack, value: String(mail.heldBack) }] : []),
    ...('suspendedUntilMs' in mail && mail.suspendedUntilMs !== undefined
      ? [{ label: labels.suspendedUntil, value: formatEnd(mail.suspendedUntilMs, words) }]
      : []),
    ...factsOfFactors(mail, words),
  ]
}

/** What mails about second factors show. A value that was not stored is left out. */
function factsOfFactors(mail: Mail, { labels, factors, dateLocale }: MailLanguage): ComposedMail['facts'] {
  return [
    ...('code' in mail ? [{ label: labels.code, value: mail.code }] : []),
    ...('codesLeft' in mail && mail.codesLeft !== undefined
      ? [{ label: labels.codesLeft, value: String(mail.codesLeft) }]
      : []),
    ...('dueAtMs' in mail && mail.dueAtMs !== undefined
      ? [{ label: labels.neededFrom, value: formatTime(mail.dueAtMs, dateLocale) }]
      : []),
    ...('resetAtMs' in mail && mail.resetAtMs !== undefined
      ? [{ label: labels.resetAt, value: formatTime(mail.resetAtMs, dateLocale) }]
      : []),
    ...('factorKinds' in mail && mail.factorKinds.length > 0
      ? [
          {
            label: 'resetAtMs' in mail ? labels.toBeRemoved : labels.removed,
            value: mail.factorKinds.map((kind) => factors[kind]).join(', '),
          },
        ]
      : []),
  ]
}

const otherWaysIn = (
  { droppedProviders, keptProviders }: Extract<Mail, { keptProviders: unknown }>,
  { unlinked, stillLinked }: MailLanguage['labels'],
): ComposedMail['facts'] =>
  [
    { label: unlinked, names: droppedProviders },
    { label: stillLinked, names: keptProviders },
  ].flatMap(({ label, names }) => (names.length === 0 ? [] : [{ label, value: names.map(foreignText).join(', ') }]))

const formatEnd = (atMs: number | null, { labels, dateLocale }: MailLanguage): string =>
  atMs === null ? labels.noEnd : formatTime(atMs, dateLocale)

function occurrenceOf(
  { atMs, device, place }: Occurrence,
  { labels, dateLocale }: MailLanguage,
): ComposedMail['facts'] {
  const known = (text: string | undefined) => foreignText(text ?? '') || labels.unknown
  return [
    { label: labels.when, value: formatTime(atMs, dateLocale) },
    { label: labels.device, value: known(device) },
    { label: labels.place, value: known(place) },
  ]
}

/** `3 November 2026 at 17:04 UTC`. The reader's time zone is unknown, so the time is in UTC and says so. */
const formatTime = (ms: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
    timeZoneName: 'short',
  }).format(ms)
