import type { Recorder, StoreKind } from './recorder.ts'

type Method = (...args: unknown[]) => unknown

/** The bindings with a recorder around each asynchronous call to a store; what is no store stays as it is. */
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

/** Passes every method on, to the object itself: these have private members. */
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
    return recorder.around({ store: 'D1', method, statements: statements.length }, async () => original(statements))
  })
}

function observeStatement(statement: object, recorder: Recorder): object {
  const observed = replaceMethods(statement, (method, original) => (...args) => {
    if (method === 'bind') return observeStatement(original(...args) as object, recorder)
    return recorder.around({ store: 'D1', method, statements: 1 }, async () => original(...args))
  })
  originals.set(observed, statement)
  return observed
}
