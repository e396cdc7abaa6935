import type { Context } from '../context.ts'
import type { ServerTiming } from '../core/server-timing.ts'

type TimedPorts = Pick<Context, 'db' | 'sessions' | 'limiter' | 'vault' | 'passwords'>

/** Wraps ports so that each call that waits or hashes is timed. */
export function timePorts({ db, sessions, limiter, vault, passwords }: TimedPorts, timer: ServerTiming): TimedPorts {
  return {
    db: timeWaits(db, 'db', timer),
    sessions: timeWaits(sessions, 'kv', timer),
    limiter: timeWaits(limiter, 'limits', timer),
    vault: timeWaits(vault, 'vault', timer),
    // This includes the time in the hash queue.
    passwords: timeWaits(passwords, 'hash', timer),
  }
}

/** Times only calls that return a promise. */
function timeWaits<Port extends object>(port: Port, phase: string, timer: ServerTiming): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]): unknown => {
        const stop = timer.start(phase)
        const result: unknown = Reflect.apply(member, target, args)
        return result instanceof Promise ? result.finally(stop) : result
      }
    },
  })
}
