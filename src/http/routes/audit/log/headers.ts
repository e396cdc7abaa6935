/** For everything that the audit log serves: pages of any origin may read it. */
export const READABLE_BY_ALL = { 'cross-origin-resource-policy': 'cross-origin' } as const
