/** A file that the pages load. */
export interface Asset {
  /** Contains a digest of the text. */
  readonly path: string
  readonly text: string
}
