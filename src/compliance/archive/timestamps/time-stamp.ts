import { createHash } from 'node:crypto'
import { RFC3161Timestamp } from '@sigstore/core'

/** What a time-stamp is about. */
export interface StampRequest {
  /** What existed at the time: its SHA-256 is sent. */
  readonly text: string
  /** 16 random bytes, so that an older answer is not taken for one to this request. */
  readonly nonce: Uint8Array
}

/** A request up to its digest (RFC 3161, section 2.4.1): 76 bytes follow the second, version 1, SHA-256. */
const BEFORE_DIGEST = Buffer.from('304c020101' + '3031300d06096086480165030402010500' + '0420', 'hex')

/** Asks that the answer includes the certificate. */
const CERT_REQ = Buffer.from('0101ff', 'hex')

/** The integer of a nonce: a zero byte before it keeps it positive. */
const encodeNonce = (nonce: Uint8Array): Buffer => Buffer.concat([Buffer.from('0211', 'hex'), integerOf(nonce)])

const integerOf = (nonce: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.of(0), nonce.with(0, (nonce[0] ?? 0) | 0x80)])

/** Encodes a request for a time-stamp (DER). */
export const formatStampRequest = ({ text, nonce }: StampRequest): Uint8Array =>
  Buffer.concat([BEFORE_DIGEST, createHash('sha256').update(text).digest(), encodeNonce(nonce), CERT_REQ])

const SIGNED_DATA = '1.2.840.113549.1.7.2'
const TST_INFO = '1.2.840.113549.1.9.16.1.4'

/** `granted`, and `grantedWithMods`. */
const GRANTED: readonly bigint[] = [0n, 1n]

/**
 * Checks that an answer (DER) is one to the request: granted, about the same digest, with the same nonce.
 * Does not check the signature, because the service trusts no authority: an auditor does.
 * @returns the time that the authority names, in Unix milliseconds; undefined if the answer is another one
 */
export function readStamp(answer: Uint8Array, { text, nonce }: StampRequest): number | undefined {
  try {
    const stamp = RFC3161Timestamp.parse(Buffer.from(answer))
    if (!GRANTED.includes(stamp.status) || stamp.contentType !== SIGNED_DATA || stamp.eContentType !== TST_INFO)
      return undefined
    const { tstInfo } = stamp
    if (tstInfo.messageImprintHashAlgorithm !== 'sha256') return undefined
    tstInfo.verify(Buffer.from(text))
    // After version, policy, imprint, serial number and time, the nonce is the only integer.
    const returned = tstInfo.root.subs.slice(5).find(({ tag }) => tag.isInteger())
    if (returned === undefined || Buffer.compare(returned.value, integerOf(nonce)) !== 0) return undefined
    const time = tstInfo.genTime.getTime()
    return Number.isNaN(time) ? undefined : time
  } catch {
    return undefined
  }
}
