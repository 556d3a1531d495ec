'use strict';
// Takes metrics, by a stream or by calls, and writes a line for each message into the file "received": its method and its texts.
const fs = require('fs');
const grpc = require('@grpc/grpc-js');
const bytes = { requestSerialize: b => b, requestDeserialize: b => b, responseSerialize: b => b, responseDeserialize: b => b };
const method = (path, requestStream) => ({ path, requestStream, responseStream: false, ...bytes });
const note = (name, message) => fs.appendFileSync('received', `${name} ${message.toString('latin1').replace(/[^ -~]+/g, ' ')}\n`);
const server = new grpc.Server();
server.addService({
  stream: method('/envoy.service.metrics.v3.MetricsService/StreamMetrics', true),
  metrics: method('/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', false),
}, {
  stream: call => call.on('data', message => note('stream', message)),
  metrics: (call, done) => { note('metrics', call.request); done(null, Buffer.alloc(0)); },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
