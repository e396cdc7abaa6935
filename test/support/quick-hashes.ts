import { join } from 'node:path'

const quick = join(import.meta.dirname, 'quick-argon2id.ts')

/**
 * Aliases with which no Argon2id is computed for test users. The Worker imports the first path, and
 * test/support/passwords.ts the second. The tests of Argon2id import the real module by another path.
 */
export const quickHashesOfTestUsers = { '../crypto/argon2id/index.ts': quick, './worker-argon2id.ts': quick }
