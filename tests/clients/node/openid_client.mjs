// openid-client with client_secret_basic and client_secret_post: discovery, token, introspection, revocation.
import assert from 'node:assert/strict'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SCOPE } = process.env
const options = { execute: [client.allowInsecureRequests] }

for (const algorithm of ['oauth2', 'oidc']) {
  for (const make of [client.ClientSecretBasic, client.ClientSecretPost]) {
    const discover = secret =>
      client.discovery(new URL(ISSUER), CLIENT_ID, undefined, make(secret), { algorithm, ...options })
    const config = await discover(CLIENT_SECRET)
    assert.equal(config.serverMetadata().issuer, ISSUER)

    const token = await client.clientCredentialsGrant(config, { scope: SCOPE })
    assert.equal(token.scope, SCOPE)
    assert.ok(token.expiresIn() > 0)

    const live = await client.tokenIntrospection(config, token.access_token)
    assert.equal(live.active, true)
    assert.equal(live.client_id, CLIENT_ID)
    await client.tokenRevocation(config, token.access_token)
    assert.deepEqual(await client.tokenIntrospection(config, token.access_token), { active: false })

    // The twins: a scope that the agent may not have, and a wrong secret.
    await assert.rejects(client.clientCredentialsGrant(config, { scope: 'delete:everything' }), {
      error: 'invalid_scope',
    })
    const stranger = await discover(`${CLIENT_SECRET}x`)
    await assert.rejects(client.clientCredentialsGrant(stranger, { scope: SCOPE }), error => error.status === 401
      || error.error === 'invalid_client' || error.cause?.status === 401 || error.code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE')
  }
}
