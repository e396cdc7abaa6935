/** The pages and their assets, and the bare address that leads to them, which are not part of the API. */
export const isPage = (path: string): boolean => /^\/($|(account|docs)(\/|$))/.test(path)
