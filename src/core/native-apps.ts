/** An Android application that shares its passkeys with this service. */
export interface AndroidApp {
  readonly packageName: string
  /** SHA-256 of its signing certificates, in hexadecimal with colons and capital letters. */
  readonly fingerprints: readonly string[]
}

const ANDROID_APP = /^([A-Za-z]\w*(?:\.[A-Za-z]\w*)+)=([0-9A-F]{2}(?::[0-9A-F]{2}){31})$/
const APPLE_APP_ID = /^[A-Z0-9]{10}\.[A-Za-z0-9.-]{1,155}$/
const MOST_APPS = 50

/** The entries of a list that is separated by commas or white space. */
export const entriesOf = (text = ''): string[] => [...new Set(text.split(/[\s,]+/).filter((entry) => entry !== ''))]

/**
 * Reads `ANDROID_APPS`: `<package>=<fingerprint>` for each certificate, as `keytool -list -v` prints it.
 * @returns undefined if an entry is malformed
 */
export function readAndroidApps(text: string | undefined): readonly AndroidApp[] | undefined {
  const found = entriesOf(text).map((entry) => ANDROID_APP.exec(entry))
  if (found.length > MOST_APPS || found.includes(null)) return undefined
  const byPackage = Map.groupBy(found, (match) => match?.[1] ?? '')
  return [...byPackage].map(([packageName, matches]) => ({
    packageName,
    fingerprints: matches.map((match) => match?.[2] ?? ''),
  }))
}

/**
 * Reads `APPLE_APP_IDS`: `<team id>.<bundle id>` for each application.
 * @returns undefined if an entry is malformed
 */
export function readAppleAppIds(text: string | undefined): readonly string[] | undefined {
  const ids = entriesOf(text)
  return ids.length <= MOST_APPS && ids.every((id) => APPLE_APP_ID.test(id)) ? ids : undefined
}

/** The origin that Android states for an application: the base64url of the fingerprint. */
export function androidOrigin(fingerprint: string): string {
  const bytes = fingerprint.split(':').map((hex) => Number.parseInt(hex, 16))
  const base64 = btoa(String.fromCharCode(...bytes))
  return `android:apk-key-hash:${base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`
}
