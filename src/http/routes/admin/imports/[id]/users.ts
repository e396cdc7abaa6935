import * as z from 'zod'
import { importedLineSchema } from '../../../../../identity/user-import/parse-imported-user.ts'
import { continueImport } from '../../../../../operators/user-import/continue-import.ts'
import { importedLinesView } from '../../../../../operators/user-import/import-view.ts'
import { adminRoute, reasonSchema } from '../../../../contract/admin-route.ts'
import { answer } from '../../../../contract/answers.ts'
import { examples } from '../../../../examples/examples.ts'
import { userImportExamples } from '../../../../examples/user-import-examples.ts'
import { idParameter } from '../../../../id-parameter.ts'

/**
 * Each user costs an Argon2id hash and a key in the vault: for 50 users about two seconds of CPU time and 200
 * calls to stores.
 */
const MAX_LINES = 50

const linesSchema = z.strictObject({
  reason: reasonSchema,
  first_line: z.int().min(1).max(1_000_000_000),
  /** Validated one by one, so that one invalid line does not stop the others. */
  users: z.array(importedLineSchema).min(1).max(MAX_LINES),
})

export const importUsersRoute = adminRoute({
  method: 'POST',
  path: '/api/v1/admin/imports/:id/users',
  id: 'importUsers',
  area: 'User import and export',
  limits: { policy: 'import-users', isCountedWithWork: true },
  summary: 'Import a group of users',
  description:
    'At most 50 users: the lines of the file from `first_line` on. A line that was sent before changes nothing and gets its first result again. A refused line does not stop the others.',
  body: linesSchema,
  example: () => ({ reason: 'maintenance', first_line: 1, users: [userImportExamples.line] }),
  answers: {
    200: {
      description: 'The result of each line.',
      schema: importedLinesView,
      example: () => ({ next_line: 2, imported: [{ line: 1, id: examples.id }], refused: [] }),
    },
  },
  problems: ['not_found', 'state_conflict'],
  async handle(c, { reason, first_line: firstLine, users }) {
    return answer(200, await continueImport(c.get('ctx'), { importId: idParameter(c), reason, firstLine, users }))
  },
})
