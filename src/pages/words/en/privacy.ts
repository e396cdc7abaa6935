import { EXPORT_HOURS } from '../../../core/lifetimes.ts'
import type { Subject } from '../../subject.ts'

/** Documents whose names are known. Applications may use any others. */
const documents: Readonly<Record<string, string>> = {
  terms: 'Terms of use',
  'privacy-notice': 'Privacy notice',
  marketing: 'Advertising by e-mail',
  newsletter: 'Newsletter',
  analytics: 'Analysis of your use',
  'sale-or-sharing': 'Selling or sharing your data',
}

export const englishConsents = ({ product }: Subject) => ({
  lead: 'What you agreed to or objected to. You can change each decision at any time, and the change holds from then on.',
  none: 'There is no decision of yours yet.',
  documents,
  version: (version: string) => `Version ${version}`,
  decisions: { granted: 'Agreed', withdrawn: 'Not agreed' },
  decidedAt: (time: string) => `Since ${time}.`,
  undecided: 'You have not decided about this version.',
  bySignal: 'Your browser said so with its privacy signal (Global Privacy Control).',
  withdraw: 'Withdraw',
  grant: 'Agree',
  decided: 'Your decision is saved.',
  signal: {
    heading: 'Your browser asks for privacy',
    text: `It sends the signal “Global Privacy Control” with every request: your data must not be sold or shared. ${product} records it when an account is created. Record it for this account too:`,
    action: 'Record the objection',
  },
  more: 'Show older decisions',
  history: 'History',
  historyLead: 'Every decision, newest first. Nothing is removed from this list.',
})

export const englishExport = ({ product }: Subject) => ({
  lead: `A file with everything that ${product} stores about you, and a list of what is stored where, why and for how long.`,
  none: 'It takes a moment to prepare. You can then download it here.',
  request: 'Prepare my data',
  requestAgain: 'Prepare a new file',
  pending: 'Your file is being prepared. This page shows when it is ready. You may leave the page meanwhile.',
  ready: (time: string) => `Your file is ready. You can download it until ${time}. After that it is deleted.`,
  download: 'Download',
  downloaded: 'The file is downloaded. Keep it safe: it has everything about you.',
  file: 'your-data.json',
  failed: `Your data could not be prepared: something went wrong. Please try again. If that does not help, contact the operator of ${product}.`,
  expired: `The file has expired. Each file is kept for ${EXPORT_HOURS} hours. Prepare your data again to get a new one.`,
})

export const englishDelete = ({ product }: Subject) => ({
  lead: `This closes your account at ${product}. Here is what will happen:`,
  now: 'At once',
  nowWhat: 'You are signed out on all devices, and applications can no longer use the account.',
  until: (date: string) => `Until ${date}`,
  untilWhat: 'You can restore the account: sign in again, or use the link in the e-mail that we send you.',
  after: (date: string) => `After ${date}`,
  afterWhat:
    'Everything about you is erased for good, and nobody can bring it back. What stays is a log of events that does not name you.',
  keep: 'Do you want a copy first?',
  toExport: 'Get your data',
  confirm: (address: string) => `To confirm, type your e-mail address: ${address}`,
  action: 'Delete my account',
  done: {
    heading: 'Your account is deleted',
    text: (time: string) => `You are signed out everywhere. Until ${time} you can change your mind.`,
    after: 'After that, everything about you is erased for good. An e-mail about this is on its way to you.',
    restore: 'Restore my account',
  },
})
