/** Pages for people and what belongs to them: no part of the API. */
export const isPage = (path: string): boolean => /^\/(account|docs)(\/|$)/.test(path)
