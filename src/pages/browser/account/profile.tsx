import { Loaded } from '../shared/loaded.tsx'
import { Screen } from '../shared/screen.tsx'
import { SignedIn } from '../shared/signed-in.tsx'
import { useAnswer } from '../shared/use-answer.ts'
import { words } from '../shared/words.ts'
import { Address } from './profile/address.tsx'
import { ProfileForm } from './profile/profile-form.tsx'

/** What a person says about themself, and the address of the account. */
export const Profile = () => (
  <SignedIn screen="profile">
    <Screen heading={words().titles.profile}>
      <Loaded answer={useAnswer('getMe')}>
        {(me) => (
          <>
            <ProfileForm first={me} />
            <Address current={me.email} />
          </>
        )}
      </Loaded>
    </Screen>
  </SignedIn>
)
