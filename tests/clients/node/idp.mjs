// A real OpenID provider on a free port, until its input ends. Says {"issuer": …} when it listens.
// NAME: its host, if not 127.0.0.1. CLIENTS: client metadata. ACCOUNTS: what is said of whom; anybody else can sign in, too.
// Commands, one JSON object a line, each answered with a line {"done": …}:
//   {"do": "rotate"}                new keys, the old ones withdrawn
//   {"do": "clients", "clients": …} other clients
//   {"do": "stop"}, {"do": "answer"}, {"do": "quit"}
import { generateKeyPair, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Provider } from 'oidc-provider'

const accounts = JSON.parse(process.env.ACCOUNTS ?? '{}')
const standard = ['sub', 'email', 'email_verified', 'preferred_username', 'name', 'groups']
const custom = new Set(Object.values(accounts).flatMap(Object.keys).filter(name => !standard.includes(name)))

function claimsOf(account) {
  const email = account.includes('@') ? account : `${account}@example.com`
  const usual = { email, email_verified: true, preferred_username: account, name: account, groups: [] }
  return { ...usual, ...accounts[account], sub: account }
}

async function freshKey(alg, kind, options) {
  const { privateKey } = await promisify(generateKeyPair)(kind, options)
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomUUID() }
}

async function freshKeys() {
  const rsa = freshKey('RS256', 'rsa', { modulusLength: 2048 })
  const ec = freshKey('ES256', 'ec', { namedCurve: 'P-256' })
  return { keys: await Promise.all([rsa, ec]) }
}

const escaped = text => text.replace(/[&<>"']/g, found => `&#${found.charCodeAt(0)};`)
const form = action => `<!doctype html><title>Sign in</title>
<form method="post" action="${escaped(action)}">
<label>Account <input name="account" id="account" required autofocus></label>
<button id="sign-in">Sign in</button>
</form>`

function providerOf(issuer, clients, jwks) {
  return new Provider(issuer, {
    clients,
    jwks,
    cookies: { keys: ['of no value'] },
    pkce: { required: () => true },
    scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
    claims: {
      openid: ['sub', ...custom],
      email: ['email', 'email_verified'],
      profile: ['preferred_username', 'name'],
      groups: ['groups'],
    },
    // What a scope allows stands in the ID token, as with the large providers.
    conformIdTokenClaims: false,
    // Its own fetch does not reach loopback, which is where all of a test is.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    clientDefaults: { backchannel_logout_session_required: true },
    findAccount: (_, account) => ({ accountId: account, claims: async () => claimsOf(account) }),
    extraTokenClaims: async (_, token) => {
      if (!token.accountId) return undefined
      const { sub, ...claims } = claimsOf(token.accountId)
      return claims
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    // Whoever signs in has consented.
    loadExistingGrant: async ctx => {
      const { client, session, params, provider, resourceServers } = ctx.oidc
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope(params.scope)
      for (const resource of Object.keys(resourceServers ?? {})) {
        grant.addResourceScope(resource, params.scope)
      }
      await grant.save()
      return grant
    },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, fields) => {
          ctx.body = `<!doctype html><title>Sign out</title>${fields}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`
        },
        postLogoutSuccessSource: ctx => { ctx.body = '<!doctype html><title>Signed out</title>' },
      },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: async () => true,
        // Any API may be asked for: what a scope means is for the API to say.
        getResourceServerInfo: async (ctx, resource) => ({
          scope: ctx.oidc.params.scope ?? '',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 3600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  })
}

async function bodyOf(request) {
  let text = ''
  for await (const piece of request) text += piece
  return new URLSearchParams(text)
}

async function interact(provider, request, response) {
  const { prompt } = await provider.interactionDetails(request, response)
  if (prompt.name !== 'login') throw new Error(`no such prompt: ${JSON.stringify(prompt)}`)
  const account = request.method === 'POST' ? (await bodyOf(request)).get('account') : undefined
  if (account) {
    await provider.interactionFinished(request, response, { login: { accountId: account } })
  } else {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(form(request.url))
  }
}

let provider
let answering = true
const server = createServer((request, response) => {
  if (!answering) return request.socket.destroy()
  if (!request.url.startsWith('/interaction/')) return provider.callback()(request, response)
  return interact(provider, request, response).catch(error => {
    console.error(error)
    response.statusCode = 400
    response.end(String(error))
  })
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://${process.env.NAME ?? '127.0.0.1'}:${server.address().port}`

let clients = JSON.parse(process.env.CLIENTS)
let jwks = await freshKeys()
function start() {
  provider = providerOf(issuer, clients, jwks)
  provider.on('server_error', (_, error) => console.error(error))
  provider.on('backchannel.error', (_, error) => console.error(error))
}
start()
const say = value => console.log(JSON.stringify(value))
say({ issuer })

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  if (command.do === 'rotate') jwks = await freshKeys()
  else if (command.do === 'clients') clients = command.clients
  else if (command.do === 'stop') answering = false
  else if (command.do === 'answer') answering = true
  else if (command.do === 'quit') break
  else throw new Error(`no such command: ${line}`)
  if (['rotate', 'clients'].includes(command.do)) start()
  say({ done: command.do, kids: jwks.keys.map(key => key.kid) })
}
process.exit(0)
