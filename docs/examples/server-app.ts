// An application with a server, in plain Node, with the typed client of this repository. People sign in on
// the pages of the service. Their tokens stay here, and the browser has a cookie of the application.
//
//   LATCHKEY=http://localhost:8787 npx node docs/examples/server-app.ts
//
// `npm run dev` has its address in RETURN_ADDRESSES: http://localhost:3000/signed-in
import { createServer } from 'node:http'
import { type Client, createClient } from '../../src/client/client.ts'
import { isProblem } from '../../src/client/problem.ts'
import { beginReturn, finishReturn, type PendingSignIn, ReturnError } from '../../src/client/return.ts'

const { LATCHKEY: service = 'http://localhost:8787', APP: app = 'http://localhost:3000' } = process.env
const cookieRules = `Path=/; HttpOnly; SameSite=Lax${app.startsWith('https:') ? '; Secure' : ''}`

// Keep both in a database, with an end. The cookie names one entry.
const waiting = new Map<string, PendingSignIn>()
const signedIn = new Map<string, Client>()

const asText = (text: string) => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)

createServer(async (request, response) => {
  const { pathname, search } = new URL(request.url ?? '/', app)
  const [, cookie = ''] = /(?:^|; )app=([\w-]+)/.exec(request.headers.cookie ?? '') ?? []
  const client = signedIn.get(cookie)
  const page = (html: string, status = 200) => response.writeHead(status, { 'content-type': 'text/html' }).end(html)
  const goTo = (location: string, value: string) =>
    response.writeHead(303, { location, 'set-cookie': `app=${value}; ${cookieRules}` }).end()
  try {
    if (pathname === '/sign-in') {
      const { location, pending } = await beginReturn(service, `${app}/signed-in`)
      waiting.set(pending.state, pending)
      goTo(location, pending.state)
    } else if (pathname === '/signed-in') {
      const pending = waiting.get(cookie)
      waiting.delete(cookie)
      const newClient = createClient({ origin: service })
      await newClient.call('exchangeCode', { body: finishReturn(service, pending, `${app}/signed-in${search}`) })
      const id = crypto.randomUUID() // a new value, which nobody can have known before
      signedIn.set(id, newClient)
      goTo('/', id)
    } else if (client === undefined) page('<a href="/sign-in">Sign in</a>')
    else if (request.method === 'POST' && pathname === '/sign-out') {
      signedIn.delete(cookie)
      await client.signOut()
      goTo('/', '')
    } else {
      const { email } = await client.call('getMe')
      page(`Signed in as ${asText(email)}<form method="post" action="/sign-out"><button>Sign out</button></form>`)
    }
  } catch (error) {
    const code = error instanceof ReturnError || isProblem(error) ? error.code : 'internal_error'
    page(`${asText(code)} <a href="/sign-in">Sign in</a>`, 400)
  }
}).listen(Number(new URL(app).port), '127.0.0.1', () => process.stdout.write(`Open ${app}\n`))
