import { env } from 'cloudflare:workers'

/** The root key of all other tests, and others that an operator may rotate to. */
const SECRETS: Readonly<Record<number, string>> = {
  1: (env as Env & { readonly ROOT_KEYS: string }).ROOT_KEYS.slice(2),
  2: 'u3Jx0PpQnC1d8Jb5mGm4hJ2Vb7Zk9wTt6LqYfRaXsEo',
  3: 'Zr1mPq7sVt0uWx2yZa4bCd6eFg8hIj0kLm2nOp4cQn0',
}

/** `ROOT_KEYS` with these versions, newest first. */
export const rootKeys = (...versions: readonly number[]): string =>
  versions.map((version) => `${version}:${SECRETS[version]}`).join()

/** The bindings with other root keys. It is a new object, so the Worker starts as a new isolate does. */
export const envWithKeys = (versions: readonly number[], inner: Env = env): Env =>
  ({ ...inner, ROOT_KEYS: rootKeys(...versions) }) as Env
