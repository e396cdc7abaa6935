import * as z from 'zod'
import { orNull } from '../core/answer-schema.ts'
import { type ProfileField, profileFields, profileTable } from '../core/profile.ts'

/** The schemas of a field that is stored as text, and of a field that is stored as JSON. */
interface Shapes {
  readonly text: () => z.ZodType
  readonly json: () => z.ZodType
}

type ProfileShape<By extends Shapes> = {
  [Field in ProfileField]: ReturnType<By[(typeof profileTable)[Field]['storedAs']]>
}

/** Builds a schema for each field of a profile, according to how the field is stored. */
const profileShape = <By extends Shapes>(by: By): ProfileShape<By> =>
  Object.fromEntries(profileFields.map((field) => [field, by[profileTable[field].storedAs]()])) as ProfileShape<By>

const json = () => z.record(z.string(), z.unknown())

/** A profile, as shown to its owner. */
export const ownShape = () => profileShape({ text: () => orNull(z.string()), json: () => orNull(json()) })

/** A profile in which a mask may replace the value of a field with a text. */
export const maskableShape = () =>
  profileShape({ text: () => orNull(z.string()), json: () => z.union([json(), z.string(), z.null()]) })

/** A profile whose members are absent if the personal data cannot be read. */
export const optionalShape = () =>
  profileShape({ text: () => orNull(z.string()).optional(), json: () => orNull(json()).optional() })
