/** The path of the newest publication in the vault bucket: segments of the archive are never replaced. */
export const PUBLICATION = 'log/publication'
