import { decodeText } from '../core/decode-text.ts'
import { AppError } from '../core/errors.ts'
import { readAtMost } from '../core/read-at-most.ts'
import { isEncoded, isJsonType } from './media-type.ts'

const MAX_BODY_BYTES = 64 * 1024

/**
 * The text of a JSON body of at most 64 KiB, whether or not its length was declared. An empty body counts as
 * no body: many clients send a POST without a body as `content-length: 0`.
 * @returns undefined if there is no body
 * @throws AppError `payload_too_large`, `unsupported_media_type`; `malformed_json` for bytes that are not
 * UTF-8
 */
export async function readBody(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw new AppError('payload_too_large')
  const bytes = await readAtMost(request.body, MAX_BODY_BYTES)
  if (bytes === undefined) throw new AppError('payload_too_large')
  if (bytes.length === 0) return undefined
  if (isEncoded(request.headers.get('content-encoding') ?? ''))
    throw new AppError('unsupported_media_type', { detail: 'The body must be sent without a Content-Encoding.' })
  requireJsonType(request)
  const text = decodeText(bytes)
  if (text === undefined) throw new AppError('malformed_json', { detail: 'The body is not UTF-8.' })
  return text
}

/** @throws AppError `unsupported_media_type` */
export function requireJsonType({ headers }: Request): void {
  if (!isJsonType(headers.get('content-type') ?? '')) throw new AppError('unsupported_media_type')
}
