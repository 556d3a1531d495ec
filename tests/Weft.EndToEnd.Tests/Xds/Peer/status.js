'use strict';
// A client on grpc-js that takes clusters from the management server of GRPC_XDS_BOOTSTRAP, and asks it how this client stands (CSDS), by both
// methods.
const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const deps = path.join(path.dirname(require.resolve('@grpc/grpc-js-xds')), '..', '..', 'deps');
const definition = loader.loadSync(['envoy/service/discovery/v3/ads.proto', 'envoy/service/status/v3/csds.proto', 'envoy/config/cluster/v3/cluster.proto'],
  { keepCase: true, longs: String, enums: String, defaults: false, includeDirs: ['envoy-api', 'xds', 'googleapis', 'protoc-gen-validate'].map(name => path.join(deps, name)) });
const { discovery, status } = grpc.loadPackageDefinition(definition).envoy.service;
const address = JSON.parse(fs.readFileSync(process.env.GRPC_XDS_BOOTSTRAP)).xds_servers[0].server_uri;
const ads = new discovery.v3.AggregatedDiscoveryService(address, grpc.credentials.createInsecure()).StreamAggregatedResources();
const csds = new status.v3.ClientStatusDiscoveryService(address, grpc.credentials.createInsecure());

function say(method, response) {
  for (const client of response.config)
    for (const one of client.generic_xds_configs) console.log(method, client.node.id, one.config_status, one.version_info, one.name);
}

// What is sent on one connection is heard in its order only: asked until the acceptance has come.
function askUntilAccepted() {
  csds.FetchClientStatus({}, (error, response) => {
    if (error) throw error;
    if (response.config[0].generic_xds_configs.some(one => one.config_status !== 'SYNCED')) return setTimeout(askUntilAccepted, 10);
    say('fetch', response);
    const stream = csds.StreamClientStatus();
    stream.on('data', again => {
      say('stream', again);
      process.exit();
    });
    stream.write({ node_matchers: [{ node_id: { exact: 'peer' } }] });
  });
}

ads.on('data', response => {
  ads.write({ type_url: response.type_url, version_info: response.version_info, response_nonce: response.nonce });
  askUntilAccepted();
});
ads.write({ node: { id: 'peer' }, type_url: 'type.googleapis.com/envoy.config.cluster.v3.Cluster' });
