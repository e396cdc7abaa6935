import * as z from 'zod'

/** Query member: `<Unix milliseconds>.<UUID>`, where the page before ended. */
export const cursorSchema = z
  .string()
  .regex(/^\d{1,16}\.[0-9a-f-]{36}$/, 'must be the next_cursor of a page')
  .transform((text) => {
    const [at = '', id = ''] = text.split('.')
    return { atMs: Number(at), id }
  })
