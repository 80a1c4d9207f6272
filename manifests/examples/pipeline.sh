#!/usr/bin/env bash
# Orchestrator → planner → worker: each token is narrower than the one before, and dies with it.
examples=$(cd "$(dirname "$0")" && pwd)
. "$examples/setup.sh"
audience=https://research.example.com/
keys=$DEPUTY_SERVER/t/$DEPUTY_TENANT/jwks.json

echo "== the fleet"
deputy import "$examples/pipeline.yaml" --create-owners --credentials-out "$work/first.json"

echo "== the orchestrator's token may publish"
all='[{"type": "deputy_mandate", "tools": {"search": {}, "read_page": {}, "publish": {}}}]'
root=$(as orchestrator request --scope 'read:web write:reports' --details "$all")

echo "== the planner makes a narrower one below it"
read='[{"type": "deputy_mandate", "tools": {"search": {}, "read_page": {}}, "binding": {"task": "report-7"}}]'
plan=$(echo "$root" | as planner exchange --subject-token - --scope read:web --details "$read")

echo "== and one for a worker that is registered nowhere: it can search for five minutes, and hand nothing on"
less='[{"type": "deputy_mandate", "tools": {"search": {}}, "may_delegate": false}]'
worker=$(echo "$plan" | as planner exchange --subject-token - --delegate-name worker-1 --details "$less" --expires-in 300)
echo "$worker" | deputy token inspect

echo "== the resource server judges the worker's calls with nothing but the issuer's public keys"
judge() { echo "$worker" | deputy token verify --jwks "$keys" --audience "$audience" --bind-task "$1" "${@:2}"; }
judge report-7 --tool search --arguments '{"query": "quantum error correction"}'
denied judge report-7 --tool publish --arguments '{"channel": "team", "text": "done"}'
denied judge report-8 --tool search --arguments '{"query": "quantum error correction"}'

echo "== revoking the orchestrator's token takes the worker's with it; the server knows at once"
echo "$worker" | deputy token verify
echo "$root" | deputy token revoke -
denied deputy token verify "$worker"
