import { totpCode, totpStep } from '../src/crypto/totp.ts'
import { twoStepContenders } from './second-factor/contenders.ts'
import { newEmail, type Person } from './support/contender.ts'
import { compareCrowds } from './support/crowds.ts'

// `npm run bench -- second-factor`: the second step of a sign-in, with a code of an authenticator app, beside
// better-auth. The password step before it is not measured.
const PASSWORD = 'correct horse battery staple'
const STEP_MS = 30_000

// Every code works once, so the enrolment takes the code of the step before.
let step = totpStep(Date.now()) - 1

await compareCrowds({
  heading: 'second step',
  contenders: twoStepContenders,
  newMember: (): Person => ({ email: newEmail(), password: PASSWORD, held: {} }),
  enrol: (http, contender, person) => contender.enrol(http, person, (secret) => totpCode(secret, Date.now() - STEP_MS)),
  beforeRound: async () => {
    step = await laterStep(step)
  },
  begin: async (http, contender, person) => {
    const prove = await contender.signIn(http, person)
    return () => prove(totpCode(person.held.secret ?? '', step * STEP_MS))
  },
})

/** A step after the last one whose codes are accepted now: the present one, or one step ahead. */
async function laterStep(last: number): Promise<number> {
  const next = Math.max(last + 1, totpStep(Date.now()))
  const waitMs = (next - 1) * STEP_MS - Date.now()
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs + 500))
  return next
}
