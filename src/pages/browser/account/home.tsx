import { Loaded } from '../shared/loaded.tsx'
import { Screen } from '../shared/screen.tsx'
import { SignedIn } from '../shared/signed-in.tsx'
import { useAnswer } from '../shared/use-answer.ts'
import { words } from '../shared/words.ts'

/** What a person sees first: who they are. */
export const Home = () => (
  <SignedIn>
    <Screen heading={words().titles.home}>
      <Overview />
    </Screen>
  </SignedIn>
)

const Overview = () => <Loaded answer={useAnswer('getMe')}>{(me) => <p>{me.email}</p>}</Loaded>
