// openid-client with DPoP (RFC 9449): a bound token, its exchange, and what has no proof or the wrong one.
import assert from 'node:assert/strict'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, SCOPE } = process.env
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const config = await client.discovery(
  new URL(ISSUER), CLIENT_ID, undefined, client.ClientSecretBasic(CLIENT_SECRET),
  { algorithm: 'oauth2', execute: [client.allowInsecureRequests] })

const handle = async () => client.getDPoPHandle(config, await client.randomDPoPKeyPair())
const DPoP = await handle()
await assert.rejects(client.clientCredentialsGrant(config, { scope: SCOPE }), { error: 'invalid_request' })
const token = await client.clientCredentialsGrant(config, { scope: SCOPE }, { DPoP })
assert.equal(token.token_type, 'dpop')
const told = await client.tokenIntrospection(config, token.access_token)
assert.equal(told.cnf.jkt, await DPoP.calculateThumbprint())

const asked = { scope: SCOPE, subject_token: token.access_token, subject_token_type: ACCESS_TOKEN }
const child = await client.genericGrantRequest(config, EXCHANGE, asked, { DPoP })
assert.equal(child.token_type, 'dpop')
// The twin: the same exchange with another key.
const other = { DPoP: await handle() }
await assert.rejects(client.genericGrantRequest(config, EXCHANGE, asked, other), { error: 'invalid_grant' })
