import { join } from 'node:path'
import { latchkey } from '../contenders/latchkey/contender.ts'
import { applySchema } from '../support/migrate.ts'
import { type ServedWorker, serveWorker } from '../support/serve.ts'
import { buildPage } from './build.ts'
import { hankoAnswers } from './hanko-elements/answers.ts'
import { type Answers, repliesFrom, repliesOf, startPageServer } from './serve.ts'

/** A sign-in form that is ready to be visited. */
export interface ServedPage extends AsyncDisposable {
  readonly url: string
}

interface PageContender {
  readonly name: string
  readonly title: string
  serve(): Promise<ServedPage>
}

/** The service itself, which knows the address at which the browser sees it. */
async function serveOurs(): Promise<ServedPage> {
  const server = await startPageServer()
  const { name, configPath, schema = '' } = latchkey
  const vars = { ...latchkey.vars?.(), ISSUER: server.origin }
  const worker: ServedWorker = await serveWorker({ name, configPath, vars })
  await applySchema(worker.miniflare, schema)
  server.replyWith(repliesFrom(worker.origin))
  return {
    url: `${server.origin}/account/sign-in`,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await worker[Symbol.asyncDispose]()
    },
  }
}

async function serveBuilt(folder: string, answers: Answers): Promise<ServedPage> {
  const files = await buildPage(join(import.meta.dirname, folder))
  const server = await startPageServer()
  server.replyWith(repliesOf(files, answers))
  return { url: `${server.origin}/`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** In the order of the table. The ratios are to the first one. */
export const pageContenders: readonly PageContender[] = [
  { name: 'latchkey', title: 'Latchkey, `/account/sign-in`', serve: serveOurs },
  {
    name: 'hanko-elements',
    title: '`@teamhanko/hanko-elements` 2.7.0',
    serve: () => serveBuilt('hanko-elements', hankoAnswers),
  },
  {
    name: 'better-auth-ui',
    title: '`@daveyplate/better-auth-ui` 3.4.0',
    // Nobody is signed in.
    serve: () => serveBuilt('better-auth-ui', { 'GET /api/auth/get-session': null }),
  },
]
