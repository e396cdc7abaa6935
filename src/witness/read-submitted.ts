/** Bytes. A submission has at most 63 lines of a proof and a note of 65,536 characters. */
const MOST_BYTES = 81_920

/** Reads the body of a request as text, and stops as soon as it is too large. */
export async function readSubmitted({ body }: Request): Promise<string | 'too_large' | 'not_text'> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    // The return leaves the loop, which cancels the stream.
    if (size > MOST_BYTES) return 'too_large'
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks))
  } catch {
    return 'not_text'
  }
}
