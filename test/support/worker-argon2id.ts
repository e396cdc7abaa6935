/**
 * The Argon2id that the Worker of the tests uses. Aliases replace this module and the Worker's import alike.
 */
export { argon2id } from '../../src/crypto/argon2id/index.ts'
