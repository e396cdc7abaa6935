/** The pages and their assets, which are not part of the API. */
export const isPage = (path: string): boolean => /^\/(account|docs)(\/|$)/.test(path)
