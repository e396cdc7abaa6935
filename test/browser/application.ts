import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

/** A web application that uses the service: an empty page, in which the tests run their scripts. */
export interface Application {
  /** Another origin than the service's, but the same site: ports do not count. */
  readonly origin: string
  /** The same page under an address of another site. */
  readonly foreignOrigin: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Serves the page on a free local port. */
export async function startApplication(): Promise<Application> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end('<!doctype html><html lang="en"><title>Application</title><main></main></html>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  return {
    origin: `http://localhost:${port}`,
    foreignOrigin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
