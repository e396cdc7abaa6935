import { FACTS_ID, type PageFacts } from '../../page-facts.ts'

/** What the service told this page about itself. */
export const facts: PageFacts = JSON.parse(document.getElementById(FACTS_ID)?.textContent ?? '{}')
