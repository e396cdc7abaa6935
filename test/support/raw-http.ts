import { once } from 'node:events'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** The answer as text. The body is the part after the headers, not decoded from chunks. */
export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly text: string
}

/** Writes a request byte by byte as given, so that no library adds, drops or decodes anything. */
export async function sendRaw(
  origin: string,
  head: readonly string[],
  body: Uint8Array | string = '',
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(origin)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(`${[head[0], `host: ${host}`, 'connection: close', ...head.slice(1)].join('\r\n')}\r\n\r\n`)
  socket.write(body)
  const whole = (await buffer(socket)).toString()
  const end = whole.indexOf('\r\n\r\n')
  const answered = whole.slice(0, end)
  return { status: Number(answered.split(' ')[1]), head: answered, text: whole.slice(end + 4) }
}
