/** What may have become of an account, as `users.status` has it. */
export const userStatuses = ['active', 'suspended', 'deleted'] as const
export type UserStatus = (typeof userStatuses)[number]
