import { AuthUIProvider, AuthView } from '@daveyplate/better-auth-ui'
import { createAuthClient } from 'better-auth/react'
import { createRoot } from 'react-dom/client'
import './style.css'

// Follows https://better-auth-ui.com/integrations/react, without a router: links and changes of the page are
// the browser's own.
const authClient = createAuthClient()

createRoot(document.getElementById('root')).render(
  <AuthUIProvider authClient={authClient}>
    <AuthView pathname="sign-in" />
  </AuthUIProvider>,
)
