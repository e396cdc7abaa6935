import { accountWords } from '../../shared/account-words.ts'
import { call } from '../../shared/client.ts'
import { Link } from './link.tsx'

// Screens by which the owner of a mailbox takes back what somebody did to the account.

export const UndoEmail = () => (
  <Link words={accountWords.links.undoEmail} send={(token) => call('undoEmailChange', { body: { token } })} />
)

export const UndoPasskey = () => (
  <Link words={accountWords.links.undoPasskey} send={(token) => call('undoPasskey', { body: { token } })} />
)

export const KeepFactors = () => (
  <Link words={accountWords.links.keepFactors} send={(token) => call('keepFactors', { body: { token } })} />
)
