// Platforms that name their workloads: issuers shaped like Kubernetes and GitHub Actions, with the claims that these really have.
import crypto from 'node:crypto';

export const KUBERNETES = 'https://kubernetes.default.svc';
export const GITHUB = 'https://token.actions.githubusercontent.com';
const ec = () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export class Platform {
  constructor(issuer, kind = 'ec') {
    this.issuer = issuer;
    this.rotate(kind);
  }

  rotate(kind = this.kind) {
    this.kind = kind;
    this.keys = kind === 'ec' ? ec() : rsa();
    this.kid = crypto.randomUUID();
  }

  get jwks() {
    return { keys: [{ ...this.keys.publicKey.export({ format: 'jwk' }), kid: this.kid, use: 'sig', alg: this.kind === 'ec' ? 'ES256' : 'RS256' }] };
  }

  sign(claims, header = {}) {
    const input = `${encode({ alg: this.kind === 'ec' ? 'ES256' : 'RS256', kid: this.kid, ...header })}.${encode(claims)}`;
    const options = this.kind === 'ec' ? { key: this.keys.privateKey, dsaEncoding: 'ieee-p1363' } : this.keys.privateKey;
    return `${input}.${crypto.sign('sha256', Buffer.from(input), options).toString('base64url')}`;
  }
}

/** A projected service-account token, as TokenRequest makes it. change: of the claims; undefined leaves one out. */
export function serviceAccount(now, namespace, name, change = {}) {
  return {
    aud: ['pay'], exp: now + 3600, iat: now, nbf: now, iss: KUBERNETES, jti: crypto.randomUUID(), sub: `system:serviceaccount:${namespace}:${name}`,
    'kubernetes.io': {
      namespace, node: { name: 'node-1', uid: '646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1' }, pod: { name: `${name}-5d4f`, uid: '5e0bd49b-f040-43b0-99b7-22765a53f7f3' },
      serviceaccount: { name, uid: '14ee3fa4-a7e2-420f-9f9a-dbc4507c3798' },
    }, ...change,
  };
}

/** What a job of GitHub Actions gets. */
export function githubJob(now, change = {}) {
  return {
    jti: crypto.randomUUID(), sub: 'repo:octo-org/octo-repo:environment:prod', environment: 'prod', aud: 'pay-deploy', ref: 'refs/heads/main', sha: 'e8d1b6f2', repository: 'octo-org/octo-repo',
    repository_owner: 'octo-org', actor_id: '12', repository_visibility: 'private', repository_id: '74', repository_owner_id: '65', run_id: '1234', run_number: '10', run_attempt: '2',
    runner_environment: 'github-hosted', actor: 'octocat', workflow: 'deploy', head_ref: '', base_ref: '', event_name: 'push', ref_type: 'branch', ref_protected: 'true',
    job_workflow_ref: 'octo-org/octo-automation/.github/workflows/deploy.yml@refs/heads/main', iss: GITHUB, nbf: now - 5, exp: now + 900, iat: now, ...change,
  };
}
