import { messageView } from '../../core/message-view.ts'

/** The answer of a request that answers alike whatever it finds. */
export const sameForAll = (description: string, message: string) =>
  ({ description, schema: messageView, example: () => ({ message }) }) as const
