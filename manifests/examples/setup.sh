# What both examples begin with: sourced, not run. It needs DEPUTY_SERVER, DEPUTY_KEY (an administrator's or an
# importer's) and DEPUTY_TENANT, and a `deputy` on the path.
set -euo pipefail
: "${DEPUTY_SERVER:=http://127.0.0.1:8080}" "${DEPUTY_KEY:?an administrator key}" "${DEPUTY_TENANT:?the tenant}"
export DEPUTY_SERVER DEPUTY_KEY DEPUTY_TENANT
# These would stand in for what the commands are given on stdin.
unset DEPUTY_TOKEN DEPUTY_SUBJECT_TOKEN DEPUTY_CLIENT_ID DEPUTY_CLIENT_SECRET

# The text of one member of the JSON on stdin.
member() { sed -n 's/^ *"'"$1"'": "\([^"]*\)".*$/\1/p' | head -n 1; }

# as AGENT VERB…: a token verb with a secret of that agent, made on its first use.
as() {
  local agent=$1 file="$work/$1.json"
  shift
  [ -e "$file" ] || deputy agent credentials "$agent" --create --output json > "$file"
  DEPUTY_CLIENT_ID=$(member client_id < "$file") DEPUTY_CLIENT_SECRET=$(member client_secret < "$file") \
    deputy token "$@"
}

# denied COMMAND…: it must exit with 1, which is a denial; 2 would be bad usage.
denied() {
  local code=0
  "$@" || code=$?
  [ "$code" = 1 ] || { echo "this should have been denied (exit code $code): $*" >&2; exit 1; }
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 700 "$work"
