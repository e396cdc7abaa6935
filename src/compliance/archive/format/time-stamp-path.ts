/** Where time-stamps of checkpoints are in the archive. */
const FOLDER = 'log/timestamps/'

const PATH = new RegExp(`^${FOLDER}\\d{4}-\\d{2}-\\d{2}-[0-9a-f]{16}\\.(note|tsr)$`)

/**
 * The path of a checkpoint and of its time-stamp, without the ending `.note` or `.tsr`. It contains digits of
 * the hash of the time-stamp. The checkpoint is public before it is stamped, and the time-stamp is not, so an
 * attacker who can write the archive cannot take the path in advance.
 * @param day such as `2026-11-30`
 * @param hash of the time-stamp, hexadecimal
 */
export const timeStampPath = (day: string, hash: string): string => `${FOLDER}${day}-${hash.slice(0, 16)}`

/** Whether a path is that of a time-stamp, or of the checkpoint that it is about. */
export const isTimeStampPath = (path: string): boolean => PATH.test(path)
