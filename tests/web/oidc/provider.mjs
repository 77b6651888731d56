// A real OpenID Connect provider for the tests: whoever types a name is that person. Arguments: port, the desk's answer address.
import Provider from 'oidc-provider';

const [port, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: 'yibiao', client_secret: 'a secret of the tests', redirect_uris: [redirect], application_type: 'web' }],
  claims: { openid: ['sub'], profile: ['preferred_username'] },
  cookies: { keys: ['of the tests'] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  pkce: { required: () => true },
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
