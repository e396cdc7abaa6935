import * as z from 'zod'
import { decodeText } from '../../core/decode-text.ts'
import { parseStrictJson } from '../../core/strict-json.ts'
import type { Bytes } from '../encoding.ts'
import { CeremonyError, check } from './ceremony-error.ts'

/** What the browser signed for with the authenticator's help (WebAuthn section 5.8.1). */
const clientDataSchema = z.object({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.string().optional(),
})

interface ExpectedClientData {
  readonly type: 'webauthn.create' | 'webauthn.get'
  /** Base64url, as in the options. */
  readonly challenge: string
  /** Compared as they are written (WebAuthn section 13.4.9). */
  readonly origins: readonly string[]
}

/**
 * Checks the client data of an answer: steps 7 to 11 of WebAuthn section 7.1, 10 to 14 of section 7.2.
 * A ceremony in an iframe of another site is refused, because no page of this service uses one.
 * @throws CeremonyError `malformed`, `type`, `challenge`, `origin`, `cross_origin`, `top_origin`
 */
export function checkClientData(bytes: Bytes, expected: ExpectedClientData): void {
  const clientData = readClientData(bytes)
  check(clientData.type === expected.type, 'type')
  check(clientData.challenge === expected.challenge, 'challenge')
  check(expected.origins.includes(clientData.origin), 'origin')
  check(clientData.crossOrigin !== true, 'cross_origin')
  check(clientData.topOrigin === undefined, 'top_origin')
}

/** JSON in which a member occurs twice is refused, because parsers disagree on which one counts. */
function readClientData(bytes: Bytes): z.infer<typeof clientDataSchema> {
  try {
    return clientDataSchema.parse(parseStrictJson(decodeText(bytes) ?? ''))
  } catch {
    throw new CeremonyError('malformed')
  }
}
