# ASP.NET Identity: the rows of AspNetUsers as NDJSON, with every column, null ones as well. With SQL Server:
# FOR JSON PATH, INCLUDE_NULL_VALUES, and then jq -c '.[]'.
# jq -c -f docs/user-import/asp-net.jq rows.ndjson > users.ndjson

# A boolean as SQL Server, PostgreSQL, MySQL and SQLite write it. Any other value stops the conversion.
def truth:
  if . == true or . == 1 or . == "1" or . == "t" or . == "true" then true
  elif . == null or . == false or . == 0 or . == "0" or . == "f" or . == "false" then false
  else error("neither true nor false: \(.)") end;

# A time as text of a database. Without an offset it is UTC.
def time:
  sub("^(?<date>[0-9-]{10}) (?<time>[0-9])"; "\(.date)T\(.time)")
  | sub(" (?<sign>[+-])"; "\(.sign)")
  | sub("(?<time>T.*[+-][0-9]{2})$"; "\(.time):00")
  | if test("T.*(Z|[+-][0-9]{2}:[0-9]{2})$") then . else . + "Z" end;

# Identity 2 has LockoutEndDateUtc. The last moment of the year 9999 means for ever.
def lockout_end:
  if has("LockoutEnd") then .LockoutEnd
  elif has("LockoutEndDateUtc") then .LockoutEndDateUtc
  else error("the rows have no LockoutEnd") end;
def until: if startswith("9999") or . == "infinity" then null else time end;

{
  email: .Email,
  is_verified: (.EmailConfirmed | truth),
  password_hash: .PasswordHash
}
# As SignInManager has it: an end counts only where LockoutEnabled is set.
+ if (.LockoutEnabled | truth) and lockout_end != null
  then { status: "suspended", suspended_until: (lockout_end | until) }
  else { status: "active" } end
