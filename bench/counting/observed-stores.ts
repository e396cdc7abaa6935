import type { Recorder, StoreKind } from './recorder.ts'

type Method = (...args: unknown[]) => unknown

/**
 * The bindings with a recorder around each asynchronous call to a store. Bindings that are no store stay
 * unchanged.
 */
export function observeStores<E extends object>(env: E, recorder: Recorder): E {
  const observed = Object.entries(env).map(([name, binding]) => [name, observeBinding(binding, recorder)])
  return Object.fromEntries(observed)
}

function observeBinding(binding: unknown, recorder: Recorder): unknown {
  if (typeof binding !== 'object' || binding === null) return binding
  if ('prepare' in binding) return observeDatabase(binding, recorder)
  if ('getWithMetadata' in binding) return observe(binding, 'KV', recorder)
  if ('createMultipartUpload' in binding) return observe(binding, 'R2', recorder)
  if ('sendBatch' in binding) return observe(binding, 'queue', recorder)
  return binding
}

/** Calls every method on the object itself, because these objects have private members. */
function replaceMethods<T extends object>(target: T, replacement: (name: string, original: Method) => Method): T {
  return new Proxy(target, {
    get(_, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== 'function' || typeof property === 'symbol') return member
      return replacement(property, (...args) => Reflect.apply(member, target, args))
    },
  })
}

const observe = (store: object, kind: StoreKind, recorder: Recorder) =>
  replaceMethods(
    store,
    (method, original) =>
      (...args) =>
        recorder.around({ store: kind, method }, async () => original(...args)),
  )

const originals = new WeakMap<object, unknown>()
const unwrap = (statement: object) => originals.get(statement) ?? statement

/** A database, or a session of one. */
function observeDatabase(db: object, recorder: Recorder): object {
  return replaceMethods(db, (method, original) => (...args) => {
    if (method === 'prepare') return observeStatement(original(...args) as object, recorder)
    if (method === 'withSession') return observeDatabase(original(...args) as object, recorder)
    if (method !== 'batch') return original(...args)
    const statements = (args[0] as object[]).map(unwrap)
    const call = { store: 'D1', method, statements: statements.length, rowsOf: rowsOfBatch } as const
    return recorder.around(call, async () => (await original(statements)) as Result[])
  })
}

function observeStatement(statement: object, recorder: Recorder): object {
  const observed = replaceMethods(statement, (method, original) => (...args) => {
    if (method === 'bind') return observeStatement(original(...args) as object, recorder)
    const call = { store: 'D1', method, statements: 1 } as const
    // `first` does not return how many rows it read.
    if (method === 'first' && args.length === 0) return first(call, statement, recorder)
    return recorder.around({ ...call, rowsOf }, async () => original(...args))
  })
  originals.set(observed, statement)
  return observed
}

interface Result {
  readonly results: readonly unknown[]
  readonly meta: { readonly rows_read: number }
}

async function first(call: { store: 'D1'; method: string }, statement: object, recorder: Recorder): Promise<unknown> {
  const all: Method = Reflect.get(statement, 'all')
  const run = async () => (await Reflect.apply(all, statement, [])) as Result
  const { results } = await recorder.around<Result>({ ...call, statements: 1, rowsOf }, run)
  return results[0] ?? null
}

const rowsOf = (result: unknown): number => (result as Partial<Result>).meta?.rows_read ?? 0
const rowsOfBatch = (results: readonly Result[]): number => results.reduce((rows, result) => rows + rowsOf(result), 0)
