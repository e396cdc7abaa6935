import type { ComponentType } from 'preact'
import { useState } from 'preact/hooks'
import lazy, { ErrorBoundary } from 'preact-iso/lazy'
import { LocationProvider, Route, Router } from 'preact-iso/router'
import { PAGES_PATH } from '../../../core/mail.ts'
import { addressOf, type ScreenName } from '../../screens.ts'
import { facts } from '../shared/facts.ts'
import { Problem } from '../shared/problem.tsx'
import { StepUpDialog } from '../shared/step-up-dialog.tsx'
import { Frame } from './frame.tsx'
import { SignIn } from './sign-in.tsx'

const later = (load: () => Promise<ComponentType>): ComponentType => lazy(load)

/**
 * Screens for people who are not signed in have no menu. The rest is loaded when it is opened. A service has
 * those that its settings name.
 */
const screens: Readonly<Partial<Record<ScreenName, ComponentType>>> = {
  home: later(() => import('./home.tsx').then(({ Home }) => Home)),
  profile: later(() => import('./profile.tsx').then(({ Profile }) => Profile)),
  sessions: later(() => import('./sessions.tsx').then(({ Sessions }) => Sessions)),
  identities: later(() => import('./identities.tsx').then(({ Identities }) => Identities)),
  activity: later(() => import('./activity.tsx').then(({ Activity }) => Activity)),
  consents: later(() => import('./consents.tsx').then(({ Consents }) => Consents)),
  export: later(() => import('./export.tsx').then(({ Export }) => Export)),
  delete: later(() => import('./delete.tsx').then(({ Delete }) => Delete)),
  'sign-in': SignIn,
  'sign-up': later(() => import('./sign-up.tsx').then(({ SignUp }) => SignUp)),
  'forgot-password': later(() => import('./forgot-password.tsx').then(({ ForgotPassword }) => ForgotPassword)),
  security: later(() => import('./security/security.tsx').then(({ Security }) => Security)),
  'verify-email': later(() => import('./links/verify-email.tsx').then(({ VerifyEmail }) => VerifyEmail)),
  'confirm-email': later(() => import('./links/confirm-email.tsx').then(({ ConfirmEmail }) => ConfirmEmail)),
  'undo-email': later(() => import('./links/undo.tsx').then(({ UndoEmail }) => UndoEmail)),
  'reset-password': later(() => import('./links/reset-password.tsx').then(({ ResetPassword }) => ResetPassword)),
  restore: later(() => import('./links/restore.tsx').then(({ Restore }) => Restore)),
  'keep-factors': later(() => import('./links/undo.tsx').then(({ KeepFactors }) => KeepFactors)),
  'undo-passkey': later(() => import('./links/undo.tsx').then(({ UndoPasskey }) => UndoPasskey)),
}

/**
 * A screen whose part cannot be loaded, for example without a network, is loaded anew when the person says
 * so.
 */
export function App() {
  const [error, fail] = useState<unknown>()
  return (
    <LocationProvider scope={new RegExp(`^${PAGES_PATH}(?:[/?#]|$)`)}>
      <Frame>
        {error !== undefined && <Problem error={error} onAgain={() => location.reload()} />}
        <ErrorBoundary onError={fail}>
          <Router>
            {facts.screens.map((name) => (
              <Route key={name} path={addressOf(name)} component={screens[name] ?? SignIn} />
            ))}
            <Route default component={SignIn} />
          </Router>
        </ErrorBoundary>
      </Frame>
      <StepUpDialog />
    </LocationProvider>
  )
}
