// The private key that a script was given, as both libraries take it.
export async function privateKey() {
  const { kid, use, ...jwk } = JSON.parse(process.env.PRIVATE_JWK)
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  return { key, kid }
}
