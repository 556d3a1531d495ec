'use strict';
// A rate limit service: what it says of a request stands in the values of its descriptors.
const grpc = require('@grpc/grpc-js');
const { root } = require('protobufjs').parse(`
syntax = "proto3";
message Entry { string key = 1; string value = 2; }
message Override { uint32 requests_per_unit = 1; int32 unit = 2; }
message Hits { uint32 value = 1; }
message Descriptor { repeated Entry entries = 1; Override limit = 2; Hits hits_addend = 3; }
message Request { string domain = 1; repeated Descriptor descriptors = 2; }
message Limit { uint32 requests_per_unit = 1; int32 unit = 2; string name = 3; }
message Duration { int64 seconds = 1; }
message Status { int32 code = 1; Limit current_limit = 2; uint32 limit_remaining = 3; Duration duration_until_reset = 4; }
message Header { string key = 1; string value = 2; }
message Response { int32 overall_code = 1; repeated Status statuses = 2; repeated Header response_headers_to_add = 3; repeated Header request_headers_to_add = 4; bytes raw_body = 5; }
`, { keepCase: true });
const [Request, Response] = ['Request', 'Response'].map(name => root.lookupType(name));
const check = {
  path: '/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit', requestStream: false, responseStream: false,
  requestSerialize: m => m, requestDeserialize: b => Request.decode(b), responseSerialize: m => Buffer.from(Response.encode(m).finish()), responseDeserialize: b => b,
};
const told = [];
const server = new grpc.Server();
server.addService({ check }, {
  check: (call, done) => {
    const text = call.request.domain + call.request.descriptors
      .map(d => ' ' + d.entries.map(e => `${e.key}=${e.value}`).join(',') + (d.limit ? `;${d.limit.requests_per_unit}/${d.limit.unit}` : '') + (d.hits_addend ? ` x${d.hits_addend.value}` : '')).join('');
    if (text.includes('=silent')) return;
    if (text.includes('=broken')) return done({ code: grpc.status.INTERNAL, details: 'broken' });
    if (text.includes('=spent')) told.push(text);
    const isOver = text.includes('=limited');
    done(null, {
      overall_code: isOver ? 2 : 1,
      statuses: [{ code: 1, current_limit: { requests_per_unit: 10, unit: 2, name: 'users' }, limit_remaining: 7, duration_until_reset: { seconds: 30 } }],
      response_headers_to_add: [{ key: 'x-service', value: 'seen' }],
      request_headers_to_add: [{ key: 'x-asked', value: text.includes('=show') ? told.join(';') || 'nothing yet' : text }],
      raw_body: isOver ? Buffer.from('slow down') : undefined,
    });
  },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
