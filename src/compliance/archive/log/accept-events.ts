import type { Context, LogReading } from '../../../context.ts'
import type { RejectionReason } from '../../../core/dead-letter.ts'
import type { DeadLetter } from '../events/dead-letters.ts'
import { type AcceptedEvent, judgeEvent } from './judge-event.ts'
import { type LogStart, readLogStart } from './read-head.ts'

type Judged = Pick<Message, 'id' | 'body'>

/** The parts of a queue's batch that decide about its messages. */
interface Incoming<One> {
  readonly queue: string
  readonly messages: readonly One[]
}

/** For `keepDeadLetters`. */
export interface RefusedEvent<Body> extends DeadLetter {
  readonly body: Body
  readonly reason: RejectionReason
}

interface Decided<One extends Judged> {
  readonly accepted: readonly AcceptedEvent[]
  readonly refused: readonly RefusedEvent<One['body']>[]
  /** Messages to be delivered again. */
  readonly retry: readonly One[]
}

/** Decides about each message of a batch of events: see `judgeEvent`. @throws the error of a store */
export async function acceptEvents<One extends Judged>(
  ctx: LogReading & Pick<Context, 'ring' | 'now'>,
  { queue, messages }: Incoming<One>,
): Promise<Decided<One>> {
  const accepted: AcceptedEvent[] = []
  const refused: RefusedEvent<One['body']>[] = []
  const retry: One[] = []
  let start: Promise<LogStart> | undefined
  const readStart = () => {
    start ??= readLogStart(ctx)
    return start
  }
  for (const message of messages) {
    const { id, body } = message
    const verdict = await judgeEvent(ctx, readStart, body)
    if (verdict.kind === 'accepted') accepted.push(verdict.accepted)
    else if (verdict.kind === 'retry') retry.push(message)
    else refused.push({ id: verdict.sealedId ?? id, queue, body, reason: verdict.reason })
  }
  return { accepted, refused, retry }
}
