import { is, Placeholder, sql } from 'drizzle-orm'
import { type BoundText, Statement } from './statement.ts'

/**
 * Builds the text of a frequent statement once in each isolate. Each call only binds its own values.
 * @param build receives placeholders instead of values. It may insert them into `sql`, but must not compute
 * with them or branch on them
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

/** A parameter of the text: the name of its value, or a constant. */
interface Slot {
  readonly name?: string
  readonly constant?: unknown
}

const placeholders = new Proxy({}, { get: (_, name) => sql.placeholder(String(name)) })

const toSlots = ({ text, values }: BoundText) => ({
  text,
  slots: values.map((value) => (is(value, Placeholder) ? { name: value.name } : { constant: value })),
})
