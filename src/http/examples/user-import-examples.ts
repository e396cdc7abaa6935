import { exampleProfile } from '../../core/profile.ts'
import type { LineRefusal } from '../../identity/user-import/parse-imported-user.ts'
import type { ExportedUser } from '../../operators/exported-user-view.ts'
import { type ImportView, showImport } from '../../operators/user-import/import-view.ts'
import { examples } from './examples.ts'
import { operatorExamples } from './operator-examples.ts'

const { id, atMs } = examples
const opened = { id, started_at: atMs, updated_at: atMs, finished_at: null, next_line: 1, refused: 0 }

/** Invented answers of user import and export, built by the code that builds the real answers. */
export const userImportExamples = {
  operation: { reason: 'maintenance' },
  started: (): ImportView => showImport(opened),
  continued: (): ImportView => showImport({ ...opened, next_line: 51, refused: 1 }),
  finished: (): ImportView => showImport({ ...opened, next_line: 51, refused: 1, finished_at: atMs }),
  refusal: { line: 12, ...({ code: 'hash_unsupported', member: 'password_hash' } satisfies LineRefusal) },
  line: {
    email: 'countess@example.com',
    is_verified: true,
    created_at: '2019-04-01T12:00:00Z',
    password_hash: '$2b$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi',
    full_name: 'Ada Lovelace',
  },
  exportedUser(): ExportedUser {
    const { is_erased: _, ...account } = operatorExamples.account()
    return {
      ...account,
      is_readable: true,
      email: 'ada@example.com',
      erasure_basis: null,
      ...exampleProfile(),
      identities: [{ provider: 'google', provider_id: '1098' }],
    }
  },
} as const
