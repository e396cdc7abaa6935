import { addCheckpoint, type WitnessAnswer } from './add-checkpoint.ts'
import { findNote } from './cosigned-checkpoints.ts'
import { describeWitness } from './describe-witness.ts'
import { readSubmitted } from './read-submitted.ts'
import { readWitnessSettings, type WitnessEnv, type WitnessSettings, WitnessSettingsError } from './witness-settings.ts'
import { writeLine } from './write-line.ts'

/** The settings of an environment, which is the same object for all requests of an isolate. */
const known = new WeakMap<WitnessEnv, WitnessSettings>()

/** A witness of transparency logs (C2SP tlog-witness), as a Worker of its own: README.md. */
export default {
  async fetch(request: Request, env: WitnessEnv): Promise<Response> {
    try {
      const settings = known.get(env) ?? (await readWitnessSettings(env))
      known.set(env, settings)
      return await answer(request, env.DB, settings)
    } catch (error) {
      const isConfiguration = error instanceof WitnessSettingsError
      writeLine('error', { event: 'request_failed', error: error instanceof Error ? error.name : typeof error })
      // The settings error names settings, and has no values.
      return isConfiguration ? show(500, error.message) : show(503, 'temporarily unavailable')
    }
  },
}

async function answer(request: Request, db: D1Database, settings: WitnessSettings): Promise<Response> {
  const { pathname, origin } = new URL(request.url)
  const [, hash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(pathname) ?? []
  const isSubmission = pathname === '/add-checkpoint'
  if (!isSubmission && hash === undefined && pathname !== '/') return show(404, 'not found')
  const allowed = isSubmission ? ['POST'] : ['GET', 'HEAD']
  if (!allowed.includes(request.method))
    return show(405, 'method not allowed', { headers: { allow: allowed.join(', ') } })
  if (isSubmission) return await submit(request, db, settings)
  if (hash === undefined) return show(200, describeWitness(settings, origin))
  const note = await findNote(db, hash)
  return note === undefined ? show(404, 'no checkpoint of this log was cosigned') : show(200, note)
}

async function submit(request: Request, db: D1Database, settings: WitnessSettings): Promise<Response> {
  const body = await readSubmitted(request)
  if (body === 'too_large') return show(413, 'the request is too large')
  if (body === 'not_text') return show(400, 'not UTF-8')
  const { status, text, type }: WitnessAnswer = await addCheckpoint({ db, settings, now: Date.now }, body)
  return show(status, text, { type })
}

interface Shape {
  readonly type?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer as text that ends with a newline. */
function show(
  status: number,
  text: string,
  { type = 'text/plain; charset=utf-8', headers = {} }: Shape = {},
): Response {
  return new Response(text.endsWith('\n') ? text : `${text}\n`, {
    status,
    headers: {
      ...headers,
      'content-type': type,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // Everything that a witness says is public, and monitors may run in a browser.
      'access-control-allow-origin': '*',
    },
  })
}
