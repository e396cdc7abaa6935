import { decodeText } from '../../../core/decode-text.ts'
import { ProviderError } from '../../../core/identity-provider.ts'
import { readAtMost } from '../../../core/read-at-most.ts'

/** For one answer of a provider, body included. */
const LIMIT_MS = 3000
/** The largest real answers are key sets, some ten kilobytes. */
const MAX_BYTES = 256 * 1024

interface ProviderRequest {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: BodyInit | null | undefined
}

const KEPT_HEADERS = ['content-type', 'www-authenticate']

/**
 * Fetches with a limit on time and size, so that no provider can hold a request or fill the memory.
 * @throws ProviderError `unavailable`; `rejected` for an answer that is not UTF-8, which no JSON is without
 */
export async function boundedFetch(url: string, request: ProviderRequest): Promise<Response> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort()
      reject(new ProviderError('unavailable'))
    }, LIMIT_MS)
  })
  try {
    return await Promise.race([fetchWhole(url, request, controller.signal), limit])
  } catch (error) {
    throw error instanceof ProviderError ? error : new ProviderError('unavailable')
  } finally {
    clearTimeout(timer)
  }
}

async function fetchWhole(
  url: string,
  { method, headers: sent, body: sentBody }: ProviderRequest,
  signal: AbortSignal,
): Promise<Response> {
  // A redirect would lead elsewhere than configured: it is not followed, and is read as an answer without a
  // use.
  const response = await fetch(url, { method, headers: sent, body: sentBody ?? null, redirect: 'manual', signal })
  const body = await readWhole(response)
  // A server in trouble answers with anything; only what it says about the request is an answer.
  if (response.status >= 500 || response.status === 429) throw new ProviderError('unavailable')
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = response.headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  // The protocol library decodes leniently: subjects that differ in a wrong byte would become one person.
  const text = decodeText(body)
  if (text === undefined) throw new ProviderError('rejected', 'not_utf_8')
  return new Response(text === '' ? null : text, { status: response.status, headers: Object.fromEntries(headers) })
}

async function readWhole({ body }: Response): Promise<Uint8Array> {
  const bytes = await readAtMost(body, MAX_BYTES)
  if (bytes === undefined) throw new ProviderError('unavailable')
  return bytes
}
