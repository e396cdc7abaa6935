import type { Locale } from '../../../../core/mail.ts'
import type { ActivityWords } from '../../../words/en/activity.ts'
import { facts } from '../../shared/facts.ts'

const languages: Readonly<Record<Locale, () => Promise<ActivityWords>>> = {
  en: async () => (await import('../../../words/en/activity.ts')).englishActivity,
  de: async () => (await import('../../../words/de/activity.ts')).germanActivity,
}

/** The words of the activity list in the language of this document. This module is there once they are. */
export const activityWords: ActivityWords = await languages[facts.locale]()
