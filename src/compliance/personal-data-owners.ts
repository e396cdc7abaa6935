import type { SQL } from 'drizzle-orm'
import type { UserId } from '../core/ids.ts'

export interface PersonalDataOwner {
  readonly erasePersonalData: (
    userIds: readonly UserId[],
  ) => readonly { readonly table: string; readonly statement: SQL }[]
}
export const personalDataOwners: readonly PersonalDataOwner[] = []
