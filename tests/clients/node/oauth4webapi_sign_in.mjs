// oauth4webapi as a relying party: discovery, code with PKCE, the checks of the redirect and of the ID token.
// Prints the claims. The provider at ISSUER signs in somebody without asking.
import * as oauth from 'oauth4webapi'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env
// A test's provider speaks plain HTTP on loopback.
const insecure = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(ISSUER)
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
const client = { client_id: CLIENT_ID }

for (const auth of [oauth.ClientSecretBasic(CLIENT_SECRET), oauth.ClientSecretPost(CLIENT_SECRET)]) {
  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()]
  const url = new URL(as.authorization_endpoint)
  for (const [name, value] of Object.entries({
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid email',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  })) {
    url.searchParams.set(name, value)
  }
  const redirect = await fetch(url, { redirect: 'manual' })
  const back = new URL(redirect.headers.get('location'))
  const parameters = oauth.validateAuthResponse(as, client, back, state)
  const answer = await oauth.authorizationCodeGrantRequest(as, client, auth, parameters, REDIRECT_URI, verifier, insecure)
  const result = await oauth.processAuthorizationCodeResponse(as, client, answer, { expectedNonce: nonce, requireIdToken: true })
  await oauth.validateApplicationLevelSignature(as, answer, insecure)
  console.log(JSON.stringify(oauth.getValidatedIdTokenClaims(result)))
}
