// oauth4webapi with private_key_jwt; EXPECT is `token` or the error that must come.
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { privateKey } from './private_key.mjs'

const { ISSUER, CLIENT_ID, SCOPE, EXPECT } = process.env
const insecure = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(ISSUER)
const client = { client_id: CLIENT_ID }
const auth = oauth.PrivateKeyJwt(await privateKey())

const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
const as = await oauth.processDiscoveryResponse(issuer, response)
assert.ok(as.token_endpoint_auth_methods_supported.includes('private_key_jwt'))
assert.ok(as.token_endpoint_auth_signing_alg_values_supported.includes('ES256'))

const parameters = new URLSearchParams({ scope: SCOPE })
const granted = await oauth.clientCredentialsGrantRequest(as, client, auth, parameters, insecure)
if (EXPECT === 'token') {
  const token = await oauth.processClientCredentialsResponse(as, client, granted)
  assert.equal(token.scope, SCOPE)
  const answer = await oauth.introspectionRequest(as, client, auth, token.access_token, insecure)
  assert.equal((await oauth.processIntrospectionResponse(as, client, answer)).active, true)
  const revoked = await oauth.revocationRequest(as, client, auth, token.access_token, insecure)
  await oauth.processRevocationResponse(revoked)
} else {
  assert.equal((await granted.json()).error, EXPECT)
}
