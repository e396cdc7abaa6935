# better-auth: the rows of this query as NDJSON. Without the admin plugin there is no ban: select null as
# banned. Without the plugin for two factors, select null as twoFactorEnabled.
#   select u.email, u.name, u."emailVerified", u."createdAt", u.banned, u."banExpires", u."twoFactorEnabled",
#       a.password
#     from "user" u left join account a on a."userId" = u.id and a."providerId" = 'credential'
# jq -c -f docs/user-import/better-auth.jq rows.ndjson > users.ndjson

# A boolean as PostgreSQL, MySQL, SQLite and D1 write it. Any other value stops the conversion: a ban must not
# be lost.
def truth:
  if . == true or . == 1 or . == "1" or . == "t" or . == "true" then true
  elif . == null or . == false or . == 0 or . == "0" or . == "f" or . == "false" then false
  else error("neither true nor false: \(.)") end;

# A time in RFC 3339, as text of a database (UTC without an offset), or in seconds or milliseconds since 1970.
def time:
  if . == null or . == "" then null
  elif type == "number" then (if fabs < 100000000000 then . else . / 1000 end | floor | todate)
  elif test("^[0-9]+([.][0-9]+)?$") then tonumber | time
  else
    sub("^(?<date>[0-9-]{10}) (?<time>[0-9])"; "\(.date)T\(.time)")
    | sub(" (?<sign>[+-])"; "\(.sign)")
    | sub("(?<time>T.*[+-][0-9]{2})$"; "\(.time):00")
    | sub("(?<hours>T.*[+-][0-9]{2})(?<minutes>[0-9]{2})$"; "\(.hours):\(.minutes)")
    | if test("T.*(Z|[+-][0-9]{2}:[0-9]{2})$") then . elif test("T") then . + "Z" else . + "T00:00:00Z" end
  end;

if has("banned") then . else error("the rows have no banned") end
| if has("twoFactorEnabled") then . else error("the rows have no twoFactorEnabled") end
| {
    email,
    is_verified: (.emailVerified | truth),
    created_at: (.createdAt | time),
    full_name: (if .name == "" then null else .name end),
    password_hash: .password
  }
  + if .banned | truth then { status: "suspended", suspended_until: (.banExpires | time) } else { status: "active" } end
  # The secrets do not move, because better-auth encrypts them. Who used a second factor adds a new one at the
  # next sign-in.
  + if .twoFactorEnabled | truth then { two_step_due_at: (now | floor | todate) } else {} end
