import type { ApiAddress } from '../../core/api-address.ts'
import type { Send, TaskAnswer } from './outcome.ts'

const TIMEOUT_MS = 30_000

/** Sends a request to this service, without cookies. */
export const send: Send = async (path, body, accessToken, method = 'POST') => {
  try {
    const response = await fetch(`/api/v1/${path}` satisfies ApiAddress, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'omit',
      // A page that is left still ends its session.
      keepalive: path === 'auth/logout',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return await toAnswer(response)
  } catch {
    return { status: 0, body: {} }
  }
}

async function toAnswer(response: Response): Promise<TaskAnswer> {
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  const body: unknown = isJson ? await response.json() : undefined
  const retryAfter = Number(response.headers.get('retry-after'))
  return {
    status: response.status,
    body: typeof body === 'object' ? { ...body } : {},
    ...(retryAfter > 0 && { retryAfterSeconds: retryAfter }),
  }
}
