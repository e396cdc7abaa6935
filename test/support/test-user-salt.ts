/** How the salts of test users begin. */
export const TEST_USER = new TextEncoder().encode('testuser')

/** A salt of a test user, with eight random bytes. */
export const newTestUserSalt = (): Uint8Array =>
  new Uint8Array([...TEST_USER, ...crypto.getRandomValues(new Uint8Array(8))])
