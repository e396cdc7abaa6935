import { type Message, messageView } from '../../core/message-view.ts'

/** An answer with a fixed message, for operations that must give the same answer in every case. */
export const sameForAll = (description: string, message: Message) =>
  ({ description, schema: messageView, example: () => message }) as const
