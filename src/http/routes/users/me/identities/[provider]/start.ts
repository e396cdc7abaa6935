import { LINK_TICKET_MINUTES } from '../../../../../../core/lifetimes.ts'
import { issueLinkTicket } from '../../../../../../sign-in/federated/issue-link-ticket.ts'
import { linkTicketView } from '../../../../../../sign-in/federated/link-ticket-view.ts'
import { answer } from '../../../../../contract/answers.ts'
import { route } from '../../../../../contract/contract.ts'

export const startLinkRoute = route({
  method: 'POST',
  path: '/api/v1/users/me/identities/:provider/start',
  id: 'startLink',
  area: 'Social sign-in',
  access: 'step-up',
  limits: { policy: 'start-linking', isCountedWithWork: true },
  summary: 'Get a ticket to link an identity',
  answers: {
    200: {
      description: `The ticket for the parameter \`link\` of the start, valid for ${LINK_TICKET_MINUTES} minutes.`,
      schema: linkTicketView,
      example: () => ({ link: '…', expires_in: LINK_TICKET_MINUTES * 60 }),
    },
  },
  problems: ['not_found'],
  async handle(c) {
    const provider = c.req.param('provider') ?? ''
    return answer(200, await issueLinkTicket(c.get('ctx'), c.get('principal'), provider))
  },
})
