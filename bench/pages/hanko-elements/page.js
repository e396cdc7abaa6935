import { register } from '@teamhanko/hanko-elements'

// Follows the README of the package. Its API is at the same origin, which spares it preflight requests.
await register(`${location.origin}/hanko`)
