// jose with a remote key set: each of TOKENS, [{name, token, code}], is accepted, or refused with this code.
import assert from 'node:assert/strict'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const { ISSUER, AUDIENCE, JWKS_URI, TOKENS } = process.env
const keys = createRemoteJWKSet(new URL(JWKS_URI))
const options = { audience: AUDIENCE, algorithms: ['RS256', 'ES256', 'EdDSA'], ...(ISSUER && { issuer: ISSUER }) }
for (const { name, token, code } of JSON.parse(TOKENS)) {
  const outcome = await jwtVerify(token, keys, options).then(() => 'accepted', error => error.code ?? String(error))
  assert.equal(outcome, code, name)
}
