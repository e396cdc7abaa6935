export { plainRoute as route, type Route } from './contract/definition.ts'
