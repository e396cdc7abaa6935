/** The values of `users.status`. */
export const userStatuses = ['active', 'suspended', 'deleted'] as const
export type UserStatus = (typeof userStatuses)[number]
