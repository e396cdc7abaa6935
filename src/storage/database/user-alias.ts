import { alias } from 'drizzle-orm/sqlite-core'
import { users } from '../schema/index.ts'

/** The columns of `users u`, as conditions about the user of another row name them. */
export const u = alias(users, 'u')
