import { route } from '../../contract/contract.ts'

/** @see https://w3c.github.io/webappsec-change-password-url/ */
export const findPasswordPageRoute = route({
  method: 'GET',
  path: '/.well-known/change-password',
  id: 'findPasswordPage',
  area: 'Discovery',
  access: 'public',
  summary: 'Where a password manager sends its user',
  answers: { 302: { description: 'To the page that mails a link.', headers: ['location'], raw: true } },
  async handle(c) {
    const { pathOf } = await import('../../../pages/actions.ts')
    return c.redirect(pathOf('forgot-password'))
  },
})
