/** A file that the pages load. */
export interface Asset {
  /** Holds a digest of the text. */
  readonly path: string
  readonly text: string
}
