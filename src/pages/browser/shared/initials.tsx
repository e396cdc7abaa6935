/**
 * A picture of a person made of letters. The address of a picture in the profile is not loaded: another site
 * would learn when its owner signs in.
 */
export const Initials = ({ name }: { readonly name: string }) => (
  <span class="initials" aria-hidden="true">
    {initialsOf(name)}
  </span>
)

/** `AL` for `Ada Lovelace`, `A` for `ada@example.com`. */
function initialsOf(name: string): string {
  const parts = name.split(/[\s]+/).filter((part) => part !== '')
  const chosen = parts.length > 1 ? [parts[0], parts.at(-1)] : parts
  return chosen.map((part) => [...(part ?? '')][0]?.toLocaleUpperCase() ?? '').join('')
}
