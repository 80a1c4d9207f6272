// openid-client with private_key_jwt; EXPECT is `token` or the error that must come.
import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { privateKey } from './private_key.mjs'

const { ISSUER, CLIENT_ID, SCOPE, EXPECT } = process.env
let body
const config = await client.discovery(
  new URL(ISSUER), CLIENT_ID, undefined, client.PrivateKeyJwt(await privateKey()),
  { algorithm: 'oauth2', execute: [client.allowInsecureRequests] },
)
config[client.customFetch] = async (...request) => {
  const response = await fetch(...request)
  body = await response.clone().text()
  return response
}
if (EXPECT === 'token') {
  const token = await client.clientCredentialsGrant(config, { scope: SCOPE })
  assert.equal((await client.tokenIntrospection(config, token.access_token)).active, true)
  await client.tokenRevocation(config, token.access_token)
  assert.equal((await client.tokenIntrospection(config, token.access_token)).active, false)
} else {
  await assert.rejects(client.clientCredentialsGrant(config, { scope: SCOPE }))
  assert.equal(JSON.parse(body).error, EXPECT)
}
