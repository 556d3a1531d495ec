'use strict';
// A workload agent as SPIRE's: the secret discovery service on a UNIX socket, AGENT_SOCKET. Lines of JSON on standard input, { "version": "1", "set":
// [secret, ...] }, say what it serves; it prints the names of every request.
const path = require('path');
const readline = require('readline');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const deps = path.join(path.dirname(require.resolve('@grpc/grpc-js-xds')), '..', '..', 'deps');
const definition = loader.loadSync([
  'envoy/service/secret/v3/sds.proto', 'envoy/extensions/transport_sockets/tls/v3/secret.proto', 'envoy/extensions/transport_sockets/tls/v3/tls_spiffe_validator_config.proto',
], { keepCase: true, longs: String, enums: String, oneofs: false, defaults: false, includeDirs: ['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map(name => path.join(deps, name)) });

let version = '0', nonce = 0, secrets = [];
const streams = new Map();
const send = (call, names) => call.write({
  type_url: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret', version_info: version, nonce: String(++nonce),
  resources: secrets.filter(secret => names.includes(secret.name)).map(secret => ({ '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret', ...secret })),
});

const server = new grpc.Server();
server.addService(definition['envoy.service.secret.v3.SecretDiscoveryService'], {
  StreamSecrets: call => {
    call.on('end', () => { streams.delete(call); call.end(); });
    call.on('error', () => streams.delete(call));
    call.on('cancelled', () => streams.delete(call));
    call.on('data', request => {
      const names = request.resource_names ?? [];
      console.log(JSON.stringify({ names, nonce: request.response_nonce ?? '', error: request.error_detail?.message ?? '' }));
      const isNew = String(streams.get(call)) !== String(names);
      streams.set(call, names);
      if (isNew) send(call, names);
    });
  },
});
readline.createInterface({ input: process.stdin }).on('line', line => {
  const command = JSON.parse(line);
  version = command.version;
  secrets = command.set;
  for (const [call, names] of streams) send(call, names);
}).on('close', () => process.exit());
server.bindAsync('unix:' + process.env.AGENT_SOCKET, grpc.ServerCredentials.createInsecure(), error => {
  if (error) throw error;
  console.log('ready');
});
