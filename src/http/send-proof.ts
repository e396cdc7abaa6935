import type { HttpContext } from './environment.ts'

/** Answers with a proof file. @param name a UUID, which becomes part of the name under which it is saved */
export const sendProof = (c: HttpContext, text: string, name: string): Response =>
  c.body(text, 200, {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `attachment; filename="${name}.latchkey-proof"`,
  })
