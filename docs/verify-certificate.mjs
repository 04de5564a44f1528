// node verify-certificate.mjs CERTIFICATE [--key PUBLIC.pem] [NAME=PATH ...]: 0 when it holds, 1 when it does not.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const fail = (reason) => { console.log(`does not hold: ${reason}`); process.exit(1); };
const require = (condition, reason) => condition || fail(reason);

// A folder's digest is that of its manifest, as find, sort and sha256sum print it.
function digest(path) {
  if (!statSync(path).isDirectory()) return sha256(readFileSync(path));
  const files = readdirSync(path, { recursive: true }).filter((file) => statSync(join(path, file)).isFile());
  const escape = (name) => name.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/\r/g, '\\r');
  const mark = (name) => (escape(name) === name ? '' : '\\');
  const line = (name) => `${mark(name)}${sha256(readFileSync(join(path, name)))}  ${escape(name)}\n`;
  return sha256(files.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map(line).join(''));
}

// Of the two values of s that sign the same, the lower one alone counts.
function isLow(der) {
  const s = der.subarray(6 + der[3]);
  const half = '7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8';
  return s.length <= 32 && s.toString('hex').padStart(64, '0') <= half;
}

const [file, ...rest] = process.argv.slice(2);
const at = rest.indexOf('--key');
const given = at < 0 ? null : createPublicKey(readFileSync(rest.splice(at, 2)[1]));
try {
  const text = readFileSync(file, 'utf8');
  const { payload, payloadType, signatures } = JSON.parse(text);
  const { keyid, sig } = signatures[0];
  const layout = { payload, payloadType, signatures: [{ keyid, sig }] };
  require(JSON.stringify(layout, null, 2) + '\n' === text, 'it is not laid out as it was written');
  const [body, der] = [Buffer.from(payload, 'base64'), Buffer.from(sig, 'base64')];
  require(body.toString('base64') === payload && der.toString('base64') === sig, 'its base64 is not canonical');
  require(payloadType === 'application/vnd.in-toto+json', `payloadType is ${payloadType}`);
  const { _type, subject, predicateType, predicate } = JSON.parse(body);
  const key = given ?? createPublicKey(predicate.signer.public_key);
  require(keyid === sha256(key.export({ type: 'spki', format: 'der' })), `it is signed by another key, ${keyid}`);
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]);
  require(isLow(der) && verify('sha256', signed, key, der), 'the signature does not cover the payload');
  require(keyid === predicate.signer.key_id, 'the payload names another signer');
  require(_type === 'https://in-toto.io/Statement/v1', `_type is ${_type}`);
  require(predicateType === 'urn:palimpsest:audit-certificate:v1', `predicateType is ${predicateType}`);
  const subjects = new Map(subject.map(({ name, digest }) => [name, digest.sha256]));
  require([...subjects.keys()].every((name) => /^[a-z0-9][a-z0-9._-]*$/.test(name)), 'a subject has no proper name');
  const files = [...subjects.keys()].filter((name) => name.includes('.'));
  const beside = files.map((name) => [name, join(dirname(file), name)]).filter(([, path]) => existsSync(path));
  for (const [name, path] of [...rest.map((place) => place.split(/=(.*)/s)), ...beside])
    require(subjects.get(name) === digest(path), `${path} differs from what was signed as '${name}'`);
  console.log(`holds: ${predicate.label}, ${given ? 'signed by the key that was given' : predicate.signer.kind}`);
} catch (error) { fail(error.message); }
