import { call } from '../../shared/client.ts'
import { words } from '../../shared/words.ts'
import { Link } from './link.tsx'

// Screens by which the owner of a mailbox takes back what somebody did to the account.

export const UndoEmail = () => (
  <Link words={words().links.undoEmail} send={(token) => call('undoEmailChange', { body: { token } })} />
)

export const UndoPasskey = () => (
  <Link words={words().links.undoPasskey} send={(token) => call('undoPasskey', { body: { token } })} />
)

export const KeepFactors = () => (
  <Link words={words().links.keepFactors} send={(token) => call('keepFactors', { body: { token } })} />
)
