# Django: python manage.py dumpdata auth.user > dump.json (with another user model, its own name)
# jq -c -f docs/user-import/django.jq dump.json > users.ndjson

# USE_TZ = False writes times without an offset. They are read as UTC.
def time: if test("(Z|[+-][0-9]{2}:[0-9]{2})$") then . else . + "Z" end;
def text: (. // "") | if test("^\\s*$") then null else . end;

.[].fields
| {
    email,
    is_verified: false,
    created_at: (.date_joined | time),
    full_name: ("\(.first_name // "") \(.last_name // "")" | sub("^ +"; "") | sub(" +$"; "") | text),
    # An unusable password begins with "!".
    password_hash: (.password | text | if . != null and startswith("!") then null else . end),
    # A block must not be lost: a user without is_active ends the conversion.
    status: (if .is_active == true then "active" elif .is_active == false then "suspended"
      else error("is_active is neither true nor false") end)
  }
