import { AppError } from '../core/errors.ts'

/** RFC 9110 section 8.8.3: what stands within the quotes may hold a comma. */
const TAG = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"'
/** Empty elements are passed over (RFC 9110 section 5.6.1.2). */
const LIST = new RegExp(`^[ \\t,]*${TAG}(?:[ \\t]*,[ \\t,]*${TAG})*[ \\t,]*$`)
const TAGS = new RegExp(TAG, 'g')
const VERSION = /^(?:W\/)?"(\d{1,16})"$/

/**
 * The versions that an `If-Match` names (RFC 9110 section 13.1.1). Foreign tags match none. `W/` is passed
 * over: every tag of this service is strong, and becomes a weak one where a proxy, Cloudflare's edge among
 * them, compresses the answer. A client that got it so could otherwise never change anything.
 * @returns undefined for no header, and for `*`
 * @throws AppError `precondition_failed` for what is no list of tags
 */
export function versionsIn(header: string | undefined): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  if (!LIST.test(header)) throw new AppError('precondition_failed')
  return (header.match(TAGS) ?? []).flatMap((tag) => {
    const [, version] = VERSION.exec(tag) ?? []
    return version === undefined ? [] : [Number(version)]
  })
}
