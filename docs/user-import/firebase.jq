# Firebase: firebase auth:export users.json. Key and separator are under Authentication,
# "Password hash parameters".
# jq -c --arg sk "$SIGNER_KEY" --arg ss "$SALT_SEPARATOR" -f docs/user-import/firebase.jq users.json > users.ndjson

# Milliseconds since 1970, as text.
def time: if . == null then null else tonumber / 1000 | floor | todate end;

.users[]
| {
    email,
    is_verified: (.emailVerified // false),
    created_at: (.createdAt | time),
    full_name: .displayName,
    password_hash: (if .passwordHash then "$fbscrypt$v=1,n=14,r=8,p=1,ss=\($ss),sk=\($sk)$\(.salt)$\(.passwordHash)"
      else null end),
    # Only there where it is true.
    status: (if .disabled == true then "suspended" else "active" end)
  }
