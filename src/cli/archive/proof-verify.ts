import { type ProofFile, parseProofFile } from '../../compliance/archive/proof/proof-file.ts'
import { type ProvenPlace, verifyLine } from '../../compliance/archive/proof/verify-line.ts'
import { digestOfReceipt } from '../../compliance/erasure/receipt.ts'
import { isEventOf } from '../../compliance/erasure/receipt-event.ts'
import { parseJson } from '../../core/json.ts'
import { rfc3339 } from '../../core/time.ts'
import type { CommandResult } from '../shared/command-result.ts'
import { UsageError } from '../shared/usage-error.ts'
import type { AnchorChoice } from './anchors.ts'
import type { DistrustChoice } from './distrusts.ts'
import { type SignedReceipt, verifyErasureReceipt } from './erasure-receipt.ts'
import { type LogTrust, type PolicyChoice, readLogTrust } from './log-trust.ts'
import { type ProvenLine, readLine } from './proven-line.ts'
import { receiptLines } from './receipt-words.ts'

/**
 * Checks a proof file. With a policy that names the log it opens nothing but the policy.
 * @throws UsageError
 * @throws Error when `--url` publishes no keys
 */
export async function proofVerify(
  text: string,
  choice: AnchorChoice & DistrustChoice & PolicyChoice,
): Promise<CommandResult> {
  refuseOthers(choice)
  const trust = await readLogTrust(choice)
  const file = parseProofFile(text)
  if (file === undefined) return refuse('this is not a proof file, or one of a form that this version does not know')
  const line = readLine(file.line)
  if (line === undefined) return refuse('its line is not an event')
  const receipt = file.kind === 'erasure' ? await openReceipt(file, line) : undefined
  if (typeof receipt === 'string') return refuse(receipt)
  const place = await verifyLine(file, trust?.policy)
  return typeof place === 'string' ? refuse(place) : report({ line, receipt }, place, trust)
}

/** An option that has no effect would let the operator believe that it had one. */
function refuseOthers({ key, distrust, dir, remote, persistTo }: AnchorChoice & DistrustChoice): void {
  const given = Object.entries({ key, distrust, dir, remote, 'persist-to': persistTo })
  const [name] = given.find(([, value]) => value !== undefined) ?? []
  if (name !== undefined) throw new UsageError(`--${name} has no effect on a proof file: name --policy or --url.`)
}

/** @returns a sentence unless the receipt is signed and the line names it */
async function openReceipt(
  { receipt, receiptKey }: Extract<ProofFile, { kind: 'erasure' }>,
  line: ProvenLine,
): Promise<SignedReceipt | string> {
  const signed = await verifyErasureReceipt(receipt, async () => parseJson(receiptKey))
  if (typeof signed === 'string') return signed
  return isEventOf(await digestOfReceipt(receipt))(line) ? signed : 'its line is not the event that names the receipt'
}

const refuse = (message: string): CommandResult => ({
  document: { ok: false, message },
  words: [`FAILED: ${message}.`],
  exitCode: 1,
})

interface Content {
  readonly line: ProvenLine
  readonly receipt: SignedReceipt | undefined
}

function report(content: Content, place: ProvenPlace, trust: LogTrust | undefined): CommandResult {
  const isAnchored = place.state === 'anchored' && trust !== undefined
  const { id, occurred_at, action, outcome, detail } = content.line
  return {
    document: {
      ok: isAnchored,
      anchored: isAnchored,
      anchor: isAnchored ? trust.name : null,
      ...content.receipt,
      event: { id, occurred_at: rfc3339(occurred_at), action, outcome, detail: parseJson(detail ?? 'null') },
      log: { origin: place.origin, index: place.index, size: place.size },
      cosigned_by: place.witnesses.map(({ name, atSeconds }) => ({ name, at: timeOf(atSeconds) })),
    },
    words: [describe(content, place, trust)],
    exitCode: isAnchored ? 0 : place.state === 'below_quorum' ? 5 : 3,
  }
}

function describe({ line, receipt }: Content, place: ProvenPlace, trust: LogTrust | undefined): string {
  const what =
    receipt === undefined ? 'the log has this event' : `the data of user ${receipt.receipt.user_id} was erased`
  const verdict = {
    anchored: `OK: ${what}.`,
    below_quorum: `BELOW QUORUM: this says that ${what}, but fewer witnesses signed than the policy asks for.`,
    unanchored: `NOT ANCHORED: this says that ${what}, but nothing shows who signed it.`,
  }[place.state]
  return [
    verdict,
    ...(receipt === undefined ? eventLines(line) : receiptLines(receipt.receipt)),
    `  log        ${place.origin}, line ${place.index} of ${place.size}`,
    ...place.witnesses.map(({ name, atSeconds }) => `  witness    ${name}, ${timeOf(atSeconds)}`),
    ...(trust === undefined ? [NO_TRUST] : [`Judged by ${trust.name}.`, `This does not prove ${trust.caveat}.`]),
  ].join('\n')
}

const eventLines = ({ id, occurred_at, action, outcome, detail }: ProvenLine): string[] => [
  `  event      ${id}`,
  `  time       ${rfc3339(occurred_at)}`,
  `  action     ${action}, ${outcome}`,
  ...(detail === null ? [] : [`  detail     ${detail}`]),
]

const NO_TRUST =
  'Its parts fit together, and anybody could have made them. Name the logs and witnesses that you believe (--policy), ' +
  'or the service (--url https://…).'

const timeOf = (seconds: number | undefined): string | null => (seconds === undefined ? null : rfc3339(seconds * 1000))
