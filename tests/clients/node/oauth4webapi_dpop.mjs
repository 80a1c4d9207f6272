// oauth4webapi with DPoP (RFC 9449): a bound token, its exchange, and what has no proof or the wrong one.
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SCOPE } = process.env
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const insecure = { [oauth.allowInsecureRequests]: true }
const response = await oauth.discoveryRequest(new URL(ISSUER), { algorithm: 'oauth2', ...insecure })
const as = await oauth.processDiscoveryResponse(new URL(ISSUER), response)
const client = { client_id: CLIENT_ID }
const auth = oauth.ClientSecretBasic(CLIENT_SECRET)

for (const alg of ['ES256', 'Ed25519']) {
  assert.ok(as.dpop_signing_alg_values_supported.includes(alg))
  const handle = async () => oauth.DPoP(client, await oauth.generateKeyPair(alg))
  const DPoP = await handle()

  const request = async options => {
    const parameters = new URLSearchParams({ scope: SCOPE })
    const answer = await oauth.clientCredentialsGrantRequest(as, client, auth, parameters, options)
    return oauth.processClientCredentialsResponse(as, client, answer)
  }
  // The agent is registered with `require_dpop`.
  await assert.rejects(request(insecure), { error: 'invalid_request' })
  const token = await request({ DPoP, ...insecure })
  assert.equal(token.token_type, 'dpop')

  // The library as a resource server: it verifies the proof that its client half made.
  const jkt = await DPoP.calculateThumbprint()
  const url = new URL('https://resource.example.com/contacts')
  const seen = []
  await oauth.protectedResourceRequest(token.access_token, 'GET', url, undefined, undefined, {
    DPoP,
    [oauth.customFetch]: async (href, init) => {
      seen.push(new Request(href, init))
      return new Response()
    },
  })
  const claims = await oauth.validateJwtAccessToken(as, seen[0], ISSUER, insecure)
  assert.equal(claims.cnf.jkt, jkt)

  const answer = await oauth.introspectionRequest(as, client, auth, token.access_token, insecure)
  const told = await oauth.processIntrospectionResponse(as, client, answer)
  assert.equal(told.active, true)
  assert.equal(told.token_type, 'DPoP')
  assert.equal(told.cnf.jkt, jkt)

  const exchange = async options => {
    const parameters = new URLSearchParams({
      scope: SCOPE, subject_token: token.access_token, subject_token_type: ACCESS_TOKEN,
    })
    const answer = await oauth.genericTokenEndpointRequest(
      as, client, auth, EXCHANGE, parameters, { ...options, ...insecure })
    return oauth.processGenericTokenEndpointResponse(as, client, answer)
  }
  const child = await exchange({ DPoP })
  assert.equal(child.token_type, 'dpop')
  // The twin: the same exchange with another key.
  await assert.rejects(exchange({ DPoP: await handle() }), { error: 'invalid_grant' })
}
