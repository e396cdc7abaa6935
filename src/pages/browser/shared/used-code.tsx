import { insert, words } from './words.ts'

/** How many codes were left after a recovery code signed in. A reload forgets it. */
let left: number | undefined

/** @param answer of the service. That of a sign-in with a recovery code has the number of unused ones. */
export function noteUsedCode(answer: unknown): void {
  if (typeof answer === 'object' && answer !== null && 'recovery_codes_left' in answer)
    left = Number(answer.recovery_codes_left)
}

/** The codes of before do not matter any more. */
export function forgetUsedCode(): void {
  left = undefined
}

/** Says that a recovery code was used, because the app or key may be lost. */
export const UsedCodeWarning = () =>
  left === undefined ? null : <p class="warning">{insert(words().secondStep.usedCode.text, String(left))}</p>
