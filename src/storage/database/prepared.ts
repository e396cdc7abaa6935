import { is, Placeholder, sql } from 'drizzle-orm'
import { type BoundText, Statement } from './statement.ts'

/**
 * A statement that runs so often that its text is made once an isolate; its values are bound each time.
 * @param build gets placeholders, so it may put values into `sql` and must neither compute with them nor
 * choose by them
 */
export function prepareStatement<Values extends object, Row>(
  build: (values: Values) => Statement<Row>,
): (values: Values) => Statement<Row> {
  let prepared: { readonly from: Statement<Row>; readonly text: string; readonly slots: readonly Slot[] } | undefined
  return (values) => {
    if (prepared === undefined) {
      const from = build(placeholders as Values)
      prepared = { from, ...toSlots(from.bound()) }
    }
    const { from, text, slots } = prepared
    const bind = ({ name, constant }: Slot) => (name === undefined ? constant : Reflect.get(values, name))
    return new Statement({ text, values: slots.map(bind) }, from.answer, from)
  }
}

/** Where a value goes by its name, or what is always bound there. */
interface Slot {
  readonly name?: string
  readonly constant?: unknown
}

const placeholders = new Proxy({}, { get: (_, name) => sql.placeholder(String(name)) })

const toSlots = ({ text, values }: BoundText) => ({
  text,
  slots: values.map((value) => (is(value, Placeholder) ? { name: value.name } : { constant: value })),
})
