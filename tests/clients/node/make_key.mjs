// A fresh ES256 key: its public part to register, its private part for the scripts `*_key.mjs`.
import { randomUUID } from 'node:crypto'

const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
const kid = randomUUID()
const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', pair.privateKey)
const common = { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }
console.log(JSON.stringify({ public: common, private: { ...common, d } }))
