import { AppError } from '../core/errors.ts'

/** RFC 9110 section 8.8.3: the quoted text may contain a comma. */
const TAG = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"'
/** Empty list elements are ignored (RFC 9110 section 5.6.1.2). */
const LIST = new RegExp(`^[ \\t,]*${TAG}(?:[ \\t]*,[ \\t,]*${TAG})*[ \\t,]*$`)
const TAGS = new RegExp(TAG, 'g')
const VERSION = /^(?:W\/)?"(\d{1,16})"$/

/**
 * The versions in an `If-Match` header (RFC 9110 section 13.1.1). Tags that this service did not make match
 * no version. `W/` is ignored: all tags of this service are strong, but a proxy that compresses the answer
 * (such as Cloudflare's edge) makes them weak, and a client with such a tag could otherwise never change
 * anything.
 * @returns undefined if there is no header, or for `*`
 * @throws AppError `precondition_failed` if the header is not a list of tags
 */
export function versionsIn(header: string | undefined): readonly number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  if (!LIST.test(header)) throw new AppError('precondition_failed')
  return (header.match(TAGS) ?? []).flatMap((tag) => {
    const [, version] = VERSION.exec(tag) ?? []
    return version === undefined ? [] : [Number(version)]
  })
}
