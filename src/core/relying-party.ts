import { AppError } from './errors.ts'
import { androidOrigin, entriesOf, readAndroidApps } from './native-apps.ts'
import type { Settings } from './settings.ts'

/** What passkeys are bound to: the relying party of WebAuthn. */
export interface RelyingParty {
  /** A domain. Passkeys of another one are not offered and not accepted. */
  readonly id: string
  /** Shown by browsers and authenticators. */
  readonly name: string
  /** The origins whose answers are accepted, compared as they are written. */
  readonly origins: readonly string[]
}

type PasskeySettings = Pick<
  Settings,
  'ISSUER' | 'WEBAUTHN_RP_ID' | 'WEBAUTHN_ORIGINS' | 'ANDROID_APPS' | 'PRODUCT_NAME'
>

/** At least two labels, the last of which is no number: neither an IP address nor a top-level domain. */
const DOMAIN = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+(?:[a-z]|[a-z0-9-]*[a-z-][a-z0-9-]*[a-z0-9])$/

/** Domains of Cloudflare under which everyone may have a name. Browsers refuse every public suffix. */
const PUBLIC_SUFFIXES = ['workers.dev', 'pages.dev']

/** SHA-256 of a signing certificate, base64url. */
const ANDROID_ORIGIN = /^android:apk-key-hash:[\w-]{43}$/

const MOST_ORIGINS = 50

/**
 * The relying party that the settings name.
 * @returns undefined if they name none that browsers accept; `findWrongPasskeySettings` says why
 */
export function findRelyingParty(settings: PasskeySettings): RelyingParty | undefined {
  if (findWrongPasskeySettings(settings).length > 0) return undefined
  const apps = readAndroidApps(settings.ANDROID_APPS) ?? []
  const ofApps = apps.flatMap(({ fingerprints }) => fingerprints.map(androidOrigin))
  return {
    id: idOf(settings),
    name: settings.PRODUCT_NAME,
    origins: [...new Set([...originsOf(settings), ...ofApps])],
  }
}

/** The RP ID whose passkeys count. Empty, so that none counts, if the settings name no relying party. */
export const rpIdOf = (settings: PasskeySettings): string => findRelyingParty(settings)?.id ?? ''

/** @throws AppError `misconfigured` if the settings name no relying party */
export function requireRelyingParty(settings: PasskeySettings): RelyingParty {
  const relyingParty = findRelyingParty(settings)
  if (relyingParty === undefined) throw new AppError('misconfigured')
  return relyingParty
}

/**
 * The names of the settings for which there are no passkeys. Nothing else of the service depends on them, so
 * they are not part of the check of all settings: a service with an IP address as its `ISSUER` goes on.
 */
export function findWrongPasskeySettings(settings: PasskeySettings): string[] {
  const id = idOf(settings)
  const origins = originsOf(settings)
  const areOrigins =
    origins.length <= MOST_ORIGINS &&
    origins.every((origin) => ANDROID_ORIGIN.test(origin) || isWebOrigin(origin, settings))
  const hosts = [settings.ISSUER, ...findWebOrigins(settings)].map((origin) => new URL(origin).hostname)
  const isOfService = hosts.some((host) => host === id || host.endsWith(`.${id}`))
  const wrong = new Set<string>()
  if (!isDomain(id) || !isOfService) wrong.add(settings.WEBAUTHN_RP_ID ? 'WEBAUTHN_RP_ID' : 'ISSUER')
  if (!areOrigins) wrong.add(entriesOf(settings.WEBAUTHN_ORIGINS).length > 0 ? 'WEBAUTHN_ORIGINS' : 'ISSUER')
  return [...wrong]
}

/** The origins of web pages that may use passkeys of this relying party. Malformed ones are left out. */
export const findWebOrigins = (settings: PasskeySettings): string[] =>
  originsOf(settings).filter((origin) => isWebOrigin(origin, settings))

const idOf = ({ ISSUER, WEBAUTHN_RP_ID }: PasskeySettings): string => WEBAUTHN_RP_ID || new URL(ISSUER).hostname

function originsOf({ ISSUER, WEBAUTHN_ORIGINS }: PasskeySettings): string[] {
  const origins = entriesOf(WEBAUTHN_ORIGINS)
  return origins.length === 0 ? [ISSUER] : origins
}

const isDomain = (id: string): boolean =>
  id === 'localhost' || (id.length <= 253 && DOMAIN.test(id) && !PUBLIC_SUFFIXES.includes(id))

/** Browsers have passkeys on https pages, and on http pages of localhost, where only a local service is. */
function isWebOrigin(value: string, { ISSUER }: PasskeySettings): boolean {
  if (!URL.canParse(value)) return false
  const { origin, protocol, hostname } = new URL(value)
  const isLocal = hostname === 'localhost' && new URL(ISSUER).hostname === 'localhost'
  return origin === value && (protocol === 'https:' || (protocol === 'http:' && isLocal))
}
