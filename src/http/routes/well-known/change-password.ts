import { route } from '../../contract/contract.ts'

/** @see https://w3c.github.io/webappsec-change-password-url/ */
export const findPasswordPageRoute = route({
  method: 'GET',
  path: '/.well-known/change-password',
  id: 'findPasswordPage',
  area: 'Discovery',
  access: 'public',
  summary: 'Redirect a password manager to the password page',
  answers: {
    302: { description: 'Redirect to the page that changes the password.', headers: ['location'], raw: true },
  },
  async handle(c) {
    const { addressOf } = await import('../../../pages/screens.ts')
    return c.redirect(`${addressOf('security')}#password`)
  },
})
