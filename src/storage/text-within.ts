/** The part of an object of R2 that this module needs. */
type Body = Pick<R2ObjectBody, 'size' | 'body' | 'text'>

/**
 * The text of an object. One that is longer than any that this service writes is not read, and counts as
 * empty: an attacker who can write the bucket could otherwise exhaust the memory of the isolate, and with it
 * end the other requests there.
 */
export async function textWithin(object: Body, mostBytes: number): Promise<string> {
  if (!(object.size > mostBytes)) return await object.text()
  await object.body.cancel()
  return ''
}
