/** What texts are about. */
export interface Subject {
  /** The name of the service. */
  readonly product: string
  readonly passwordMinLength: number
}
