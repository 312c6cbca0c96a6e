// node-soap as a server of our contract: parses each message, answers as Kontor would, stores
// nothing. For benches; two processes share one port.
//
//   server.js PORT_FILE WSDL PROCESSES [CERTIFICATE KEY]
const cluster = require('cluster');
const fs = require('fs');
const http = require('http');
const https = require('https');
const soap = require('soap');

const [portFile, wsdlFile, processes, certificate, key] = process.argv.slice(2);

function answerTo(list) {
  const records = Array.isArray(list) ? list : [list];
  return {
    accepted: records.length,
    unchanged: 0,
    stale: 0,
    refused: 0,
    repeated: false,
    ignoredFields: 0,
    result: records.map((r, i) => ({
      position: i + 1,
      key: `scope|${r.sku}|${r.warehouse}`,
      status: Number.isNaN(Number(r.onHand)) ? 'refused' : 'accepted',
    })),
  };
}

function listen() {
  const refuse = (q, r) => r.writeHead(404).end();
  const server = certificate
    ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }, refuse)
    : http.createServer(refuse);
  server.keepAliveTimeout = 60000;
  const operations = { PushStock: (q) => answerTo(q.stock) };
  const service = { KontorPush: { KontorPushSoap: operations, KontorPushSoap12: operations } };
  soap.listen(server, '/soap/push', service, fs.readFileSync(wsdlFile, 'utf8'));
  server.listen(0, '127.0.0.1', () => {
    if (process.send) process.send(server.address().port);
  });
}

if (cluster.isPrimary) {
  // all workers that ask for any free port get the same one
  let ready = 0;
  for (let i = 0; i < Number(processes); i += 1) {
    cluster.fork().on('message', (port) => {
      ready += 1;
      if (ready < Number(processes)) return;
      fs.writeFileSync(`${portFile}.new`, String(port));
      fs.renameSync(`${portFile}.new`, portFile);
    });
  }
  cluster.on('exit', () => process.exit(1));
} else {
  process.on('disconnect', () => process.exit(0));
  listen();
}
