import { join } from 'node:path'

export const GO = 'go'

/** Where Debian puts the source of Go packages. */
const GOPATH = process.env.GOPATH ?? '/usr/share/gocode'

export const MODULE = join(GOPATH, 'src/golang.org/x/mod/sumdb')

/** Compiles without modules, so that nothing is downloaded. */
export const GO_ENVIRONMENT = { ...process.env, GOPATH, GO111MODULE: 'off' }
