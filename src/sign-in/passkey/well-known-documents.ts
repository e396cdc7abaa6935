import * as z from 'zod'
import { answerSchema, named, type View } from '../../core/answer-schema.ts'
import { AppError } from '../../core/errors.ts'
import { PAGES_PATH } from '../../core/mail.ts'
import { readAndroidApps, readAppleAppIds } from '../../core/native-apps.ts'
import { findWebOrigins, requireRelyingParty } from '../../core/relying-party.ts'
import type { Settings } from '../../core/settings.ts'

interface Dependencies {
  readonly settings: Settings
}

/** The answer of `GET /.well-known/webauthn` (WebAuthn Level 3 section 5.11). */
export const relatedOriginsView = answerSchema('RelatedOrigins', () => ({ origins: z.array(z.string()) }))

/** The web pages that may use passkeys of this service. It also answers while other settings are wrong. */
export const listRelatedOrigins = ({ settings }: Dependencies): View<typeof relatedOriginsView> => ({
  origins: findWebOrigins(settings),
})

/** The answer of `GET /.well-known/passkey-endpoints` (W3C Working Draft, 14 January 2026). */
export const passkeyEndpointsView = answerSchema('PasskeyEndpoints', () => ({
  enroll: z.string().optional(),
  manage: z.string().optional(),
}))

/**
 * Where a person adds and manages passkeys. Without members it says only that there are passkeys: the page of
 * this service cannot use them unless its origin is accepted.
 * @throws AppError `misconfigured`
 */
export function listPasskeyEndpoints({ settings }: Dependencies): View<typeof passkeyEndpointsView> {
  if (!requireRelyingParty(settings).origins.includes(settings.ISSUER)) return {}
  const page = `${settings.ISSUER}${PAGES_PATH}/security#passkeys`
  return { enroll: page, manage: page }
}

/** The answer of `GET /.well-known/assetlinks.json` (Digital Asset Links). */
export const assetLinksView = named('AssetLinks', () =>
  z.array(
    z.strictObject({
      relation: z.array(z.string()),
      target: z.strictObject({
        namespace: z.literal('android_app'),
        package_name: z.string(),
        sha256_cert_fingerprints: z.array(z.string()),
      }),
    }),
  ),
)

/**
 * The Android applications that may use passkeys and passwords of this service. Android requires
 * `handle_all_urls` for passkeys, and `get_login_creds` for passwords.
 * @throws AppError `not_found` if there is none
 */
export function listAndroidApps({ settings }: Dependencies): View<typeof assetLinksView> {
  const apps = readAndroidApps(settings.ANDROID_APPS) ?? []
  if (apps.length === 0) throw new AppError('not_found')
  return apps.map(({ packageName, fingerprints }) => ({
    relation: ['delegate_permission/common.handle_all_urls', 'delegate_permission/common.get_login_creds'],
    target: {
      namespace: 'android_app',
      package_name: packageName,
      sha256_cert_fingerprints: [...fingerprints],
    },
  }))
}

/** The answer of `GET /.well-known/apple-app-site-association`. */
export const appleAppsView = answerSchema('AppleApps', () => ({
  webcredentials: z.strictObject({ apps: z.array(z.string()) }),
}))

/**
 * The applications of Apple's platforms that may use passkeys and passwords of this service.
 * @throws AppError `not_found` if there is none
 */
export function listAppleApps({ settings }: Dependencies): View<typeof appleAppsView> {
  const apps = readAppleAppIds(settings.APPLE_APP_IDS) ?? []
  if (apps.length === 0) throw new AppError('not_found')
  return { webcredentials: { apps: [...apps] } }
}
