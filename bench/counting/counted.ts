import { observeStores } from './observed-stores.ts'
import { createRecorder } from './recorder.ts'

interface Worker {
  fetch(request: Request, env: object, execution: ExecutionContext): Response | Promise<Response>
}

/** The path at which a counted Worker answers with its calls. `?take` resets the record. */
const CALLS = '/__calls'

/** A Worker that counts the calls of its requests to stores. Its other handlers run uncounted. */
export function counted(worker: Worker) {
  const recorder = createRecorder()
  const observed = new WeakMap<object, object>()

  function observe(env: object): object {
    const known = observed.get(env) ?? observeStores(env, recorder)
    observed.set(env, known)
    return known
  }

  return {
    ...worker,
    async fetch(request: Request, env: object, execution: ExecutionContext): Promise<Response> {
      const { pathname, search } = new URL(request.url)
      if (pathname === CALLS) return Response.json(search === '?take' ? recorder.take() : recorder.peek())
      return recorder.request(async () => worker.fetch(request, observe(env), execution))
    },
  }
}
