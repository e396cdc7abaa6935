import { useEffect, useRef, useState } from 'preact/hooks'
import type { ActivityEvent } from '../../../client/api.ts'
import { call } from '../shared/client.ts'
import { Form } from '../shared/form.tsx'
import { Waiting } from '../shared/loaded.tsx'
import { Problem } from '../shared/problem.tsx'
import { Screen } from '../shared/screen.tsx'
import { SignedIn } from '../shared/signed-in.tsx'
import { usePages } from '../shared/use-pages.ts'
import { words } from '../shared/words.ts'
import { activityWords } from './activity/activity-words.ts'
import { Entry } from './activity/entry.tsx'

/** Everything that was recorded about the person. */
export const Activity = () => (
  <SignedIn screen="activity">
    <Screen heading={words().titles.activity}>
      <p>{activityWords.lead}</p>
      <List />
    </Screen>
  </SignedIn>
)

function List() {
  const { pages, hasMore, more, error, reload } = usePages(
    (cursor) => call('listActivity', { query: cursor === undefined ? {} : { cursor } }),
    ({ events }) => events.length === 0,
  )
  if (pages === undefined) return error === undefined ? <Waiting /> : <Problem error={error} onAgain={reload} />
  const events = pages.flatMap((page) => page.events)
  if (events.length === 0) return <p>{activityWords.none}</p>
  return (
    <>
      <Entries events={events} />
      {hasMore ? <Form action={more} submit={activityWords.more} look="plain" /> : <p>{activityWords.end}</p>}
    </>
  )
}

/** Entries that were added get the focus, so that reading goes on where it stopped. */
function Entries({ events }: { readonly events: readonly ActivityEvent[] }) {
  const list = useRef<HTMLOListElement>(null)
  const [shown, setShown] = useState(events.length)
  const added = events.length - shown
  useEffect(() => {
    if (added <= 0) return
    const first = list.current?.children[shown]
    if (first instanceof HTMLElement) first.focus()
    setShown(events.length)
  }, [events.length])
  return (
    <ol class="rows" ref={list}>
      {events.map((event) => (
        <Entry key={event.id} event={event} />
      ))}
    </ol>
  )
}
