// oauth4webapi with client_secret_basic and client_secret_post: discovery, token, introspection, revocation.
import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SCOPE } = process.env
// The server under test speaks plain HTTP on loopback.
const insecure = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(ISSUER)
const client = { client_id: CLIENT_ID }

for (const algorithm of ['oauth2', 'oidc']) {
  const response = await oauth.discoveryRequest(issuer, { algorithm, ...insecure })
  const as = await oauth.processDiscoveryResponse(issuer, response)
  assert.equal(as.issuer, ISSUER)

  for (const make of [oauth.ClientSecretBasic, oauth.ClientSecretPost]) {
    const auth = make(CLIENT_SECRET)
    const parameters = new URLSearchParams({ scope: SCOPE })
    const granted = await oauth.clientCredentialsGrantRequest(as, client, auth, parameters, insecure)
    const token = await oauth.processClientCredentialsResponse(as, client, granted)
    assert.equal(token.token_type, 'bearer')
    assert.equal(token.scope, SCOPE)
    assert.ok(token.expires_in > 0)

    // RFC 9068, checked by the library with the keys that the metadata names.
    const request = new Request('https://resource.example.com/', {
      headers: { authorization: `Bearer ${token.access_token}` },
    })
    const claims = await oauth.validateJwtAccessToken(as, request, ISSUER, insecure)
    assert.equal(claims.client_id, CLIENT_ID)
    assert.equal(claims.scope, SCOPE)

    const introspect = async () => {
      const answer = await oauth.introspectionRequest(as, client, auth, token.access_token, insecure)
      return oauth.processIntrospectionResponse(as, client, answer)
    }
    assert.equal((await introspect()).active, true)
    const revoked = await oauth.revocationRequest(as, client, auth, token.access_token, insecure)
    await oauth.processRevocationResponse(revoked)
    assert.deepEqual(await introspect(), { active: false })

    // The twin: one character more in the secret.
    const wrong = make(`${CLIENT_SECRET}x`)
    const refused = await oauth.clientCredentialsGrantRequest(as, client, wrong, parameters, insecure)
    assert.equal(refused.status, 401)
    await assert.rejects(oauth.processClientCredentialsResponse(as, client, refused), error => {
      const code = error.error ?? error.cause?.[0]?.parameters?.error
      return code === 'invalid_client' || error instanceof oauth.WWWAuthenticateChallengeError
    })
  }
}
