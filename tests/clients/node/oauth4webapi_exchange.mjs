// oauth4webapi: a token exchange (RFC 8693) by its generic token endpoint request; the child is a valid RFC 9068 JWT.
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, CHILD_ID, CHILD_SECRET, SCOPE } = process.env
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const insecure = { [oauth.allowInsecureRequests]: true }
const response = await oauth.discoveryRequest(new URL(ISSUER), { algorithm: 'oauth2', ...insecure })
const as = await oauth.processDiscoveryResponse(new URL(ISSUER), response)
const parent = { client_id: CLIENT_ID }
const child = { client_id: CHILD_ID }

const asked = new URLSearchParams({ scope: SCOPE })
const granted = await oauth.clientCredentialsGrantRequest(
  as, parent, oauth.ClientSecretBasic(CLIENT_SECRET), asked, insecure)
const root = await oauth.processClientCredentialsResponse(as, parent, granted)

const exchange = async subject_token => {
  const parameters = new URLSearchParams({ scope: SCOPE, subject_token, subject_token_type: ACCESS_TOKEN })
  const answer = await oauth.genericTokenEndpointRequest(
    as, child, oauth.ClientSecretBasic(CHILD_SECRET), EXCHANGE, parameters, insecure)
  return oauth.processGenericTokenEndpointResponse(as, child, answer)
}
const token = await exchange(root.access_token)
assert.equal(token.issued_token_type, ACCESS_TOKEN)
assert.equal(token.scope, SCOPE)

const request = new Request('https://resource.example.com/', {
  headers: { authorization: `Bearer ${token.access_token}` },
})
const claims = await oauth.validateJwtAccessToken(as, request, ISSUER, insecure)
assert.equal(claims.client_id, CHILD_ID)
assert.equal(claims.act.sub, claims.agent.spiffe_id)
assert.equal(claims.chain.length, 2)

// The twin: a token that nobody signed.
await assert.rejects(exchange('nonsense'), { error: 'invalid_grant' })
