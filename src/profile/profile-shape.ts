import * as z from 'zod'
import { orNull } from '../core/answer-schema.ts'
import { type ProfileField, profileFields, profileTable } from '../core/profile.ts'

/** How a field is shown that is stored as a text, and one that is stored as JSON. */
interface Shapes {
  readonly text: () => z.ZodType
  readonly json: () => z.ZodType
}

type ProfileShape<By extends Shapes> = {
  [Field in ProfileField]: ReturnType<By[(typeof profileTable)[Field]['storedAs']]>
}

/** A schema for every field of a profile, by the way in which it is stored. */
const profileShape = <By extends Shapes>(by: By): ProfileShape<By> =>
  Object.fromEntries(profileFields.map((field) => [field, by[profileTable[field].storedAs]()])) as ProfileShape<By>

const json = () => z.record(z.string(), z.unknown())

/** A profile as its owner sees it. */
export const ownShape = () => profileShape({ text: () => orNull(z.string()), json: () => orNull(json()) })

/** A profile of which a mask may show a text in place of the value. */
export const maskableShape = () =>
  profileShape({ text: () => orNull(z.string()), json: () => z.union([json(), z.string(), z.null()]) })

/** A profile whose members are absent where nothing personal can be read. */
export const optionalShape = () =>
  profileShape({ text: () => orNull(z.string()).optional(), json: () => orNull(json()).optional() })
