// A Worker in front of your API that accepts only sessions that have not ended. It calls GET /auth/session
// over a service binding: no public address, no key, no database. It refuses an ended session within 60
// seconds. In its wrangler.toml:
//
//   main = "gateway.ts"
//   [[services]]
//   binding = "LATCHKEY"
//   service = "latchkey"
interface Service {
  fetch(request: Request): Promise<Response>
}

interface Env {
  LATCHKEY: Service
}

interface Session {
  readonly user_id: string
  readonly session_id: string
  readonly roles: readonly string[]
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const authorization = request.headers.get('authorization') ?? ''
    // A binding ignores the host, but not the scheme: plain HTTP is refused.
    const question = new Request('https://latchkey.internal/api/v1/auth/session', { headers: { authorization } })
    const answer = await env.LATCHKEY.fetch(question)
    // 401 with its challenge, or 503: pass the answer on to the caller.
    if (!answer.ok) return answer
    const session: Session = await answer.json()
    return await serve(request, session)
  },
}

/** What the gateway protects. Never trust an id that the caller sent: it is in the session. */
async function serve(request: Request, { user_id: userId, roles }: Session): Promise<Response> {
  return Response.json({ path: new URL(request.url).pathname, user_id: userId, roles })
}
