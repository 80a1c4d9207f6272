#!/usr/bin/env bash
# A build job's token cannot deploy: not by asking, not by handing it on, and not by trying.
examples=$(cd "$(dirname "$0")" && pwd)
. "$examples/setup.sh"
audience=https://ci.example.com/
keys=$DEPUTY_SERVER/t/$DEPUTY_TENANT/jwks.json
details() { echo '[{"type": "deputy_mandate", "tools": {'"$1"'}}]'; }
judge() { deputy token verify "$1" --jwks "$keys" --audience "$audience" --tool "$2" --arguments "$3" --expiry-only; }

echo "== the fleet"
deputy import "$examples/ci-cd.yaml" --create-owners --credentials-out "$work/first.json"

echo "== the build job asks for everything, and gets what its role gives: the answer says who removed the rest"
build=$(as build-job request --scope 'read:source write:images' \
  --details "$(details '"checkout": {}, "run_tests": {}, "push_image": {}, "deploy": {}')")

echo "== so it can test and push, but no image that others take for released, and deploy nothing"
judge "$build" run_tests '{"suite": "unit"}'
judge "$build" push_image '{"image": "web", "tag": "build-41"}'
denied judge "$build" push_image '{"image": "web", "tag": "latest"}'
denied judge "$build" deploy '{"service": "web", "version": "41", "env": "staging"}'

echo "== nor can it make itself more on the way to a worker"
denied as build-job exchange --subject-token "$build" --delegate-name deployer --details "$(details '"deploy": {}')"

echo "== the release job deploys to staging, and never to production"
release=$(as release-job request --scope write:deployments --details "$(details '"deploy": {}')")
judge "$release" deploy '{"service": "web", "version": "41", "env": "staging"}'
denied judge "$release" deploy '{"service": "web", "version": "41", "env": "production"}'
denied as release-job exchange --subject-token "$release" --delegate-name helper --details "$(details '"deploy": {}')"
