import { accountView } from '../../operators/account-view.ts'
import { operatorExamples } from '../examples/operator-examples.ts'

/** The answer of every operators' route that changes an account. */
export const accountNow = {
  description: 'The account after the change.',
  schema: accountView,
  example: operatorExamples.account,
} as const
