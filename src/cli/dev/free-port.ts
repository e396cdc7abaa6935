import { once } from 'node:events'
import { createServer } from 'node:net'

const ATTEMPTS = 100

/** Finds the first port from `first` upwards that no process uses on this machine's loopback addresses. */
export async function findFreePort(first: number): Promise<number> {
  for (let port = first; port < first + ATTEMPTS; port++) {
    // `localhost` may resolve to either address, and both must lead to this server.
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
    // Any other error, such as on a machine without IPv6, does not mean that the port is in use.
    return !(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
  } finally {
    server.close()
  }
}
