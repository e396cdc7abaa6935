import { newAuthenticator } from '../test/support/authenticator.ts'
import { ORIGIN, signInContenders } from './passkey/contenders.ts'
import { newEmail, type Person } from './support/contender.ts'
import { compareCrowds } from './support/crowds.ts'

// `npm run bench -- passkey`: a sign-in with a passkey (the options, and the answer to them), beside
// better-auth's plugin and beside a sign-in with a password. The authenticator is software, and signs in the
// measuring process.
const PASSWORD = 'correct horse battery staple'

await compareCrowds({
  heading: 'sign-in',
  contenders: signInContenders,
  newMember: () => ({
    person: { email: newEmail(), password: PASSWORD, held: {} } satisfies Person,
    authenticator: newAuthenticator({ origin: ORIGIN }),
  }),
  enrol: (http, contender, { person, authenticator }) => contender.enrol(http, person, authenticator),
  begin: async (http, contender, { person, authenticator }) => {
    return () => contender.signIn(http, person, authenticator)
  },
})
