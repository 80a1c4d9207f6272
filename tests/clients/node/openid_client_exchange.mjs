// openid-client: a token exchange (RFC 8693) by its generic grant, and what introspection says of the child.
import assert from 'node:assert/strict'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, CHILD_ID, CHILD_SECRET, SCOPE } = process.env
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

const discover = (id, secret) =>
  client.discovery(new URL(ISSUER), id, undefined, client.ClientSecretBasic(secret), {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  })
const parent = await discover(CLIENT_ID, CLIENT_SECRET)
const child = await discover(CHILD_ID, CHILD_SECRET)
assert.ok(parent.serverMetadata().grant_types_supported.includes(EXCHANGE))

const root = await client.clientCredentialsGrant(parent, { scope: SCOPE })
const below = subject_token => ({ scope: SCOPE, subject_token, subject_token_type: ACCESS_TOKEN })
const token = await client.genericGrantRequest(child, EXCHANGE, below(root.access_token))
assert.equal(token.issued_token_type, ACCESS_TOKEN)
assert.equal(token.token_type, 'bearer')
assert.equal(token.scope, SCOPE)
assert.ok(token.expiresIn() > 0)

// The parent's agent is in the chain, so it may ask about the child.
const live = await client.tokenIntrospection(parent, token.access_token)
assert.equal(live.active, true)
assert.equal(live.client_id, CHILD_ID)
assert.equal(live.sub, (await client.tokenIntrospection(parent, root.access_token)).sub)
assert.equal(live.act.sub, live.agent.spiffe_id)

// Revoking the root ends the child, and its exchange.
await client.tokenRevocation(parent, root.access_token)
assert.deepEqual(await client.tokenIntrospection(parent, token.access_token), { active: false })
await assert.rejects(client.genericGrantRequest(child, EXCHANGE, below(root.access_token)), {
  error: 'invalid_grant',
})
