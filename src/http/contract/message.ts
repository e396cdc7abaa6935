import { type Message, messageView } from '../../core/message-view.ts'

/** The answer of a request that answers alike whatever it finds. */
export const sameForAll = (description: string, message: Message) =>
  ({ description, schema: messageView, example: () => message }) as const
