# Another deployment of this service: npx --no-install latchkey users export all-users.ndjson …
# jq -c -f docs/user-import/latchkey.jq all-users.ndjson > users.ndjson

# Not imported: ids and hashes, which belong to their deployment, roles, which are given by hand, and
# identities, which are linked again at the next sign-in. All else is imported, with suspensions, erasures,
# holds and required resets.
del(.id, .is_readable, .roles, .last_login_at, .identities, .password_hash)
