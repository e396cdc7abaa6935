import type { Answers } from '../serve.ts'

const input = (name: string, type: string, more: object = {}) => ({ name, type, required: true, ...more })

const hrefOf = (name: string) => `/login?action=${name}`

const action = (name: string, inputs: object = {}) => ({
  action: name,
  href: hrefOf(name),
  inputs,
  description: name,
})

const state = (name: string, actions: object) => ({
  name,
  status: 200,
  payload: {},
  csrf_token: 'bench',
  actions,
})

const REPORT = 'register_client_capabilities'

/**
 * What Hanko's back end answers until the form is there: no session, the beginning of a sign-in, and the form
 * when the page has told what the browser can do. The shapes are those of its Flow API.
 * @see https://docs.hanko.io/api-reference/flow/login
 */
export const hankoAnswers: Answers = {
  'GET /hanko/sessions/validate': { is_valid: false },
  'POST /hanko/login': state('preflight', {
    [REPORT]: action(REPORT, {
      webauthn_available: input('webauthn_available', 'boolean'),
      webauthn_conditional_mediation_available: input('webauthn_conditional_mediation_available', 'boolean'),
      webauthn_platform_authenticator_available: input('webauthn_platform_authenticator_available', 'boolean'),
    }),
  }),
  [`POST /hanko${hrefOf(REPORT)}`]: state('login_init', {
    continue_with_login_identifier: action('continue_with_login_identifier', {
      email: input('email', 'email', { max_length: 100 }),
    }),
    webauthn_generate_request_options: action('webauthn_generate_request_options'),
    remember_me: action('remember_me', { remember_me: input('remember_me', 'boolean') }),
  }),
}
