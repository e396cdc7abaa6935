import { ProviderError } from '../../core/identity-provider.ts'

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
 * @throws ProviderError `unavailable`
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
  } catch {
    throw new ProviderError('unavailable')
  } finally {
    clearTimeout(timer)
  }
}

async function fetchWhole(
  url: string,
  { method, headers: sent, body: sentBody }: ProviderRequest,
  signal: AbortSignal,
): Promise<Response> {
  // A redirect would lead elsewhere than configured; it is an answer like any other that nobody can use.
  const response = await fetch(url, { method, headers: sent, body: sentBody ?? null, redirect: 'manual', signal })
  const body = await readWhole(response)
  // A server in trouble answers with anything; only what it says about the request is an answer.
  if (response.status >= 500 || response.status === 429) throw new ProviderError('unavailable')
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = response.headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return new Response(body.size === 0 ? null : body, { status: response.status, headers: Object.fromEntries(headers) })
}

async function readWhole({ body }: Response): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  if (body === null) return new Blob()
  for await (const chunk of body) {
    size += chunk.byteLength
    // Leaving the loop cancels the stream.
    if (size > MAX_BYTES) throw new ProviderError('unavailable')
    chunks.push(chunk)
  }
  return new Blob(chunks)
}
