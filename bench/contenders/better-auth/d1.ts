import { createAuth, serve } from './auth.ts'

export default serve((env) => createAuth(env))
