# Another deployment of this service: npx --no-install latchkey users export all-users.ndjson …
# jq -c -f docs/moving/latchkey.jq all-users.ndjson > users.ndjson

# What stays behind: ids and hashes belong to their deployment, roles are given by hand, identities come back by
# themselves. Everything else is taken over, suspensions, erasures, holds and required resets included.
del(.id, .is_readable, .roles, .last_login_at, .identities, .password_hash)
