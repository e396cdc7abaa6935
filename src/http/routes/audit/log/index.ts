import type { Route } from '../../../contract/definition.ts'
import { getLogCheckpointRoute } from './checkpoint.ts'
import { tileRoute } from './tile.ts'

/** The audit log as its public readers see it. */
export const logRoutes: readonly Route[] = [getLogCheckpointRoute, tileRoute]
