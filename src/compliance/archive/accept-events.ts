import type { UserId } from '../../core/ids.ts'
import { archivedEventSchema } from './old-segment.ts'
import type { LineSource } from './to-lines.ts'

/** An event that the archive takes over. */
export interface AcceptedEvent extends LineSource {
  readonly event: LineSource['event'] & { readonly seal?: string | null }
}

export async function acceptEvents(_: unknown, messages: readonly Message[]) {
  const accepted: AcceptedEvent[] = []
  const refused: Message[] = []
  for (const message of messages) {
    const { data } = archivedEventSchema.safeParse(message.body)
    if (data === undefined) refused.push(message)
    else {
      const { subject_id, pii_enc: _, ...event } = data
      accepted.push({
        event: { ...event, subject_id: subject_id as UserId | null, note_enc: null },
        fromDatabase: [],
        isUnsealed: true,
      })
    }
  }
  return { accepted, refused, retry: [] as Message[] }
}
