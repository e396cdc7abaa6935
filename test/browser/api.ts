/** Calls the API from outside a browser, as an application's backend would. */
export interface Api {
  call(method: string, path: string, body?: unknown, token?: string): Promise<ApiAnswer>
  post(path: string, body: unknown, token?: string): Promise<ApiAnswer>
  get(path: string, token: string): Promise<ApiAnswer>
  remove(path: string, token: string): Promise<ApiAnswer>
}

export interface ApiAnswer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any
}

/** @param language the language of the user */
export function apiOf(origin: string, language = 'en'): Api {
  async function call(method: string, path: string, body?: unknown, token?: string): Promise<ApiAnswer> {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        'accept-language': language,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  return {
    call,
    post: (path, body, token) => call('POST', path, body, token),
    get: (path, token) => call('GET', path, undefined, token),
    remove: (path, token) => call('DELETE', path, undefined, token),
  }
}
