import { isProblem } from '../../../../client/problem.ts'
import { call } from '../../shared/client.ts'
import { isRefused, Refused } from '../../shared/explain.ts'
import type { Alternative } from '../../shared/form.tsx'
import { words } from '../../shared/words.ts'
import type { Step } from './steps.ts'
import { type Journey, startAgain } from './use-journey.ts'

/** A person who must add a second factor before there is a session. */
export interface Enrolment {
  readonly journey: Journey
  readonly step: Extract<Step, { kind: 'enrol' }>
}

export const tokenOf = ({ asked }: Enrolment['step']) => ({ enrolment_token: asked.enrolment_token })

export const mailCode = ({ step }: Enrolment) => call('mailEnrolmentCode', { body: tokenOf(step) })

/** Buttons below the form that finishes an enrolment. @param onMailed another mail is on its way */
export const waysOn = (enrolment: Enrolment, onMailed: () => void): Alternative[] => [
  ...(enrolment.step.isByLink
    ? []
    : [
        {
          label: words().secondStep.mailAgain,
          action: () =>
            orBeginAgain(enrolment, async () => {
              await mailCode(enrolment)
              onMailed()
            }),
        },
      ]),
  startAgain(enrolment.journey),
]

/** A token that is expired, used or misspelt leads back to the beginning. */
export async function orBeginAgain({ journey, step }: Enrolment, act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!isTokenProblem(error)) throw error
    if (!step.isByLink) throw new Refused('took_too_long')
    journey.show({ kind: 'useless-link' })
  }
}

const isTokenProblem = (error: unknown): boolean =>
  isProblem(error, 'invalid_token') || isRefused(error, 'enrolment_token', 'ticket')
