#!/usr/bin/env bash
# Handing on without a network: a capability becomes a worker's, under a key of the worker's own. It needs a capability
# and its audience's key, as `offline.sh CAPABILITY_FILE KEY_FILE ISSUER`; nothing in here asks a server.
set -euo pipefail
capability=$1 key=$2 issuer=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
audience=$(sed -n 's/.*"audience": *"\([^"]*\)".*/\1/p' "$key" | head -n 1)

echo "== the worker makes itself a key, and hands out the public part"
deputy token keygen --out "$work/worker.pem" > "$work/worker.jwk"

echo "== the holder narrows what it has: one tool, five minutes, this key, no further"
deputy token delegate --token-file "$capability" --name worker --scope "" --tool search --expires-in 300 \
  --no-delegate --to "$work/worker.jwk" > "$work/worker.cap"
deputy token inspect --token-file "$work/worker.cap"

echo "== more than it has is refused, in words"
if deputy token delegate --token-file "$work/worker.cap" --name other; then exit 1; fi
if deputy token delegate --token-file "$capability" --name other --tool launch_rocket; then exit 1; fi

echo "== the worker proves its key with each request, and the service judges both"
url=${audience}search
proof=$(deputy token prove --token-file "$work/worker.cap" --key "$work/worker.pem" --method POST --url "$url")
judge() {
  deputy token verify --token-file "$work/worker.cap" --capability-key "$key" --issuer "$issuer" \
    --audience "$audience" --expiry-only "$@"
}
judge --tool search --arguments '{"query": "Q1 revenue"}' --proof "$proof" --method POST --url "$url"
if judge --tool search --arguments '{"query": "Q1 revenue"}'; then exit 1; fi
if judge --tool read_db --proof "$proof" --method POST --url "$url"; then exit 1; fi
