// A SOAP client by node-soap: reads one JSON job from standard input, prints one JSON list. What
// the job looks like stands in ../soap_clients.py.
const fs = require('fs');
const https = require('https');
const soap = require('soap');

const job = JSON.parse(fs.readFileSync(0, 'utf8'));

function transport() {
  const options = {};
  if (job.ca) options.ca = fs.readFileSync(job.ca);
  if (job.cert) {
    options.cert = fs.readFileSync(job.cert);
    options.key = fs.readFileSync(job.key);
  }
  return new https.Agent({ ...options, keepAlive: true });
}

// {"base64": …} stands for octets, which JSON cannot carry; node-soap wants them encoded.
function octets(value) {
  if (Array.isArray(value)) return value.map(octets);
  if (value === null || typeof value !== 'object') return value;
  if (Object.keys(value).join() === 'base64') return value.base64;
  return Object.fromEntries(Object.entries(value).map(([n, v]) => [n, octets(v)]));
}

function faultOf(error) {
  const at = error.root && error.root.Envelope && error.root.Envelope.Body.Fault;
  if (!at) throw error;
  return {
    code: at.faultcode || (at.Code && at.Code.Value),
    text: at.faultstring || (at.Reason && (at.Reason.Text.$value || at.Reason.Text)),
    detail: at.detail || at.Detail || null,
    status: error.response ? error.response.status : 0,
  };
}

// Ids that a signature can refer to: without the colons of their time.
class PlainIds extends soap.WSSecurity {
  toXML() {
    return super.toXML().replace(/wsu:Id="([^"]*)"/g, (_, id) => `wsu:Id="${id.replace(/:/g, '-')}"`);
  }
}

// What the message itself carries (job.wss); what nobody wrote stays as node-soap has it.
function messageSecurity(wss) {
  const made = {
    user: () => new soap.WSSecurity(wss.user, wss.password, wss.options),
    certificate: () => new soap.WSSecurityCert(
      fs.readFileSync(wss.key), fs.readFileSync(wss.certificate), '', wss.options),
    both: () => new soap.WSSecurityPlusCert(
      new (wss.plainIds ? PlainIds : soap.WSSecurity)(wss.user, wss.password, wss.userOptions),
      made.certificate()),
    withToken: () => new soap.WSSecurityCertWithToken({
      privateKey: fs.readFileSync(wss.key), publicKey: fs.readFileSync(wss.certificate),
      keyPassword: '', username: wss.user, password: wss.password, options: wss.options,
    }),
  };
  return made[wss.kind]();
}

async function main() {
  const secure = (job.wsdl.startsWith('https:') || Boolean(job.ca));
  const options = {
    forceSoap12Headers: job.soap === '1.2',
    disableCache: true,
    attributesKey: '$attributes', // "attributes" is an element of ours
    parseReponseAttachments: false,
  };
  if (secure) options.wsdl_options = { httpsAgent: transport() };
  if (job.user) {
    const word = Buffer.from(`${job.user}:${job.password}`).toString('base64');
    options.wsdl_headers = { Authorization: `Basic ${word}` };
  }
  const client = await soap.createClientAsync(job.wsdl, options);
  if (job.user) client.setSecurity(new soap.BasicAuthSecurity(job.user, job.password));
  if (job.wss) client.setSecurity(messageSecurity(job.wss));
  const answers = [];
  for (const [operation, request, attachments] of job.calls) {
    const more = {};
    if (secure) more.httpsAgent = transport();
    if (attachments) {
      more.attachments = attachments.map((a) => ({ ...a, body: fs.readFileSync(a.file) }));
      more.forceMTOM = true;
    }
    try {
      const [answer] = await client[`${operation}Async`](octets(request), more);
      answers.push({ answer });
    } catch (error) {
      answers.push({ fault: faultOf(error) });
    }
    if (job.wss) {
      Object.assign(answers[answers.length - 1],
        { sent: client.lastRequest, got: client.lastResponse });
    }
  }
  process.stdout.write(JSON.stringify(answers), () => process.exit(0));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
