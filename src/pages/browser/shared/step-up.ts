/** A change that waits for a proof that its user is present. */
export interface StepUpRequest {
  /** The level that the service named, such as `aal2`. */
  readonly level: string | undefined
  /** @param isProven false if the user gave up. Only the first call counts. */
  readonly conclude: (isProven: boolean) => void
}

type Show = (request: StepUpRequest | undefined) => void

let show: Show | undefined
let asking: Promise<boolean> | undefined

/** Names the place that asks. It is there as long as the page. */
export function onStepUp(place: Show): void {
  show = place
}

/** Asks for a proof, once even if several requests need it. @returns whether the service accepted one */
export function askStepUp(level: string | undefined): Promise<boolean> {
  asking ??= ask(level).finally(() => {
    asking = undefined
    show?.(undefined)
  })
  return asking
}

const ask = (level: string | undefined): Promise<boolean> =>
  new Promise((conclude) => {
    if (show === undefined) conclude(false)
    else show({ level, conclude })
  })
