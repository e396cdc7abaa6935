import { once } from 'node:events'
import { createServer } from 'node:net'

const ATTEMPTS = 100

/** The first port from `first` upwards on which nobody listens on this machine's loopback addresses. */
export async function findFreePort(first: number): Promise<number> {
  for (let port = first; port < first + ATTEMPTS; port++) {
    // `localhost` may mean either address, and the answer has to come from this server.
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return port
  }
  throw new Error(`no free port between ${first} and ${first + ATTEMPTS - 1}`)
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return true
  } catch (error) {
    // Anything else, such as a machine without IPv6, does not mean that somebody is there.
    return !(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
  } finally {
    server.close()
  }
}
