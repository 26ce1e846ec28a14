// A certified OAuth 2.0 server for the tests beside it. It says where it is in
// one line on its output, and ends when its input does.
//
//   METHOD  how a client gives its credentials (client_secret_post)
//   BEHIND  by how many seconds its clock is behind (0)
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const behind = Number(process.env.BEHIND || 0) * 1000;
if (behind) {
  const now = Date.now;
  Date.now = () => now() - behind;
}

const require = createRequire(path.join(process.cwd(), 'x.js'));
const { Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));
const method = process.env.METHOD || 'client_secret_post';
const scopes = ['read:loans', 'create:loan_draft', 'create:repayment'];
const resources = ['https://api.example', 'urn:example:other'];

let keys = 0;
function newKeys() {
  keys += 1;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  return { keys: [{ ...rsa, kid: `r${keys}`, use: 'sig', alg: 'RS256' }, { ...ec, kid: `e${keys}`, use: 'sig', alg: 'ES256' }] };
}

function provider(issuer) {
  const p = new Provider(issuer, {
    jwks: newKeys(),
    scopes,
    clientAuthMethods: [method],
    clients: [{
      client_id: 'partner-145', client_secret: 'p+q/r%s=t&u v', grant_types: ['client_credentials'], redirect_uris: [],
      response_types: [], token_endpoint_auth_method: method,
    }],
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        // Some servers take an audience in place of a resource.
        defaultResource: (ctx) => ctx.oidc.params?.audience ?? ctx.oidc.body?.audience,
        getResourceServerInfo: (ctx, resource) => {
          if (!resources.includes(resource)) throw new (class extends Error {
            error = 'invalid_target'; status = 400; statusCode = 400; expose = true; error_description = 'no such resource';
          })();
          return {
            scope: 'read:loans create:loan_draft', audience: resource, accessTokenTTL: 600, accessTokenFormat: 'jwt',
            jwt: { sign: { alg: resource.startsWith('urn:') ? 'ES256' : 'RS256' } },
          };
        },
      },
    },
  });
  p.on('server_error', (_, error) => console.error(error));
  return p.callback();
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let handle = provider(issuer);
  server.on('request', (req, res) => {
    if (req.url === '/test/revoke') {
      handle = provider(issuer);
      res.end();
      return;
    }
    handle(req, res);
  });
  console.log(JSON.stringify({ issuer }));
});
process.stdin.on('end', () => process.exit(0)).resume();
