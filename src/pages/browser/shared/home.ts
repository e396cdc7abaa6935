import { addressOf } from '../../screens.ts'
import { facts } from './facts.ts'

/** Where a signed-in person goes who wanted nothing else. */
export const homeAddress = (): string => addressOf(facts.screens.includes('home') ? 'home' : 'security')
