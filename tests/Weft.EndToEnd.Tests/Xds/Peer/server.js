'use strict';
// A management server (ADS, state of the world and delta) on grpc-js. Lines of JSON on standard input say what it serves:
//   { "set": { "<type URL>": [resource, ...] }, "version": "2" }  from now on these; who has asked gets them
//   { "push": response }  this response as it is, on every open stream
//   { "raw": "<base64>" }  these bytes in the place of a response
// It prints its port, then every request as a line of JSON.
const path = require('path');
const readline = require('readline');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const deps = path.join(path.dirname(require.resolve('@grpc/grpc-js-xds')), '..', '..', 'deps');
const definition = loader.loadSync([
  'envoy/service/discovery/v3/ads.proto', 'envoy/config/cluster/v3/cluster.proto', 'envoy/config/endpoint/v3/endpoint.proto',
  'envoy/config/listener/v3/listener.proto', 'envoy/config/route/v3/route.proto',
  'envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto', 'envoy/extensions/filters/http/router/v3/router.proto',
], { keepCase: true, longs: String, enums: String, oneofs: false, defaults: false, includeDirs: ['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map(name => path.join(deps, name)) });
const service = definition['envoy.service.discovery.v3.AggregatedDiscoveryService'];
for (const method of Object.values(service)) {
  const serialize = method.responseSerialize;
  method.responseSerialize = message => Buffer.isBuffer(message) ? message : serialize(message);
}

let version = '0', nonce = 0;
const state = {};
const streams = new Set();
const say = what => console.log(JSON.stringify(what));
const nameOf = resource => resource.cluster_name ?? resource.name;

function sendSotw(stream, type) {
  const names = stream.asked[type];
  const resources = state[type].filter(resource => names.length == 0 || names.includes(nameOf(resource)));
  stream.call.write({ type_url: type, version_info: version, nonce: `${version}/${++nonce}`, resources });
}

function sendDelta(stream, type) {
  const known = stream.known[type] ??= new Map();
  const names = stream.asked[type];
  const wanted = state[type].filter(resource => names.length == 0 || names.includes('*') || names.includes(nameOf(resource)));
  const changed = wanted.filter(resource => known.get(nameOf(resource)) !== JSON.stringify(resource));
  const removed_resources = [...known.keys()].filter(name => !wanted.some(resource => nameOf(resource) === name));
  for (const resource of changed) known.set(nameOf(resource), JSON.stringify(resource));
  for (const name of removed_resources) known.delete(name);
  stream.call.write({
    type_url: type, system_version_info: version, nonce: `${version}/${++nonce}`, removed_resources,
    resources: changed.map(resource => ({ name: nameOf(resource), version, resource })),
  });
}

function open(call, isDelta) {
  const stream = { call, isDelta, asked: {}, known: {} };
  streams.add(stream);
  const close = () => streams.delete(stream);
  call.on('end', () => { close(); call.end(); });
  call.on('error', close);
  call.on('cancelled', close);
  call.on('data', request => {
    const type = request.type_url;
    delete request.node;
    say(request);
    const before = stream.asked[type];
    const names = isDelta
      ? [...(before ?? []), ...(request.resource_names_subscribe ?? [])].filter(name => !(request.resource_names_unsubscribe ?? []).includes(name))
      : request.resource_names ?? [];
    stream.asked[type] = names;
    // An answer to a response asks for nothing, unless it names more than before.
    if (state[type] && (!request.response_nonce || names.some(name => !before?.includes(name)))) (isDelta ? sendDelta : sendSotw)(stream, type);
  });
}

const server = new grpc.Server({ 'grpc.max_send_message_length': -1 });
server.addService(service, { StreamAggregatedResources: call => open(call, false), DeltaAggregatedResources: call => open(call, true) });
server.bindAsync(`127.0.0.1:${process.env.XDS_PORT ?? 0}`, grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});

readline.createInterface({ input: process.stdin }).on('line', line => {
  // A text too long for a pipe is said as how many megabytes it has.
  const command = JSON.parse(line, (key, value) => typeof value?.repeat === 'number' ? 'x'.repeat(value.repeat << 20) : value);
  if (command.set) {
    version = command.version;
    Object.assign(state, command.set);
    // What is referred to comes first.
    for (const type of Object.keys(command.set))
      for (const stream of streams)
        if (stream.asked[type]) (stream.isDelta ? sendDelta : sendSotw)(stream, type);
  }
  const message = command.push ?? (command.raw !== undefined ? Buffer.from(command.raw, 'base64') : null);
  if (message) for (const stream of streams) stream.call.write(message);
}).on('close', () => process.exit());
