import type { Operation, Operations } from '../operation.ts'
import { accountOperations } from './account.ts'
import { mailLinkOperations } from './mail-links.ts'

interface Area {
  /** The operations' tag. */
  readonly name: string
  readonly description: string
  readonly operations: Operations
}

/** In the order in which a reader needs them. */
export const areas: readonly Area[] = [
  { name: 'Sign-in', description: 'Accounts, sessions and tokens.', operations: {} },
  { name: 'Mail links', description: 'What links in mails lead to.', operations: mailLinkOperations },
  { name: 'Social sign-in', description: 'Identities of other providers.', operations: {} },
  { name: 'Account', description: 'The signed-in user.', operations: accountOperations },
  { name: 'Operators', description: 'Needs the role `admin`; every call is audited.', operations: {} },
  {
    name: 'Moving',
    description: 'In from another system, and out. Needs the role `admin`.',
    operations: {},
  },
]

export interface TaggedOperation extends Operation {
  readonly tag: string
}

/** Every operation, by method and path. */
export const operations: ReadonlyMap<string, TaggedOperation> = new Map(
  areas.flatMap(({ name, operations }) =>
    Object.entries<Operation>(operations).map(([key, operation]) => [key, { ...operation, tag: name }] as const),
  ),
)

/** Pages for people and what belongs to them: no part of the API. */
export const isPage = (path: string): boolean => /^\/(account|docs)(\/|$)/.test(path)
