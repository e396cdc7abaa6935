import { Screen } from '../shared/screen.tsx'
import { SignedIn } from '../shared/signed-in.tsx'
import { words } from '../shared/words.ts'

export const Identities = () => (
  <SignedIn>
    <Screen heading={words().titles.identities}>
      <p>{words().identities.lead}</p>
    </Screen>
  </SignedIn>
)
