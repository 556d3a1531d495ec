'use strict';
// An authorization service: what it says of a request stands in the request's header x-user, what it says of a connection depends on the client's address.
const grpc = require('@grpc/grpc-js');
const { root } = require('protobufjs').parse(`
syntax = "proto3";
message Header { string key = 1; string value = 2; }
message BoolValue { bool value = 1; }
message Option { Header header = 1; BoolValue append = 2; }
message Status { int32 code = 1; }
message Denied { Status status = 1; repeated Option headers = 2; string body = 3; }
message Parameter { string key = 1; string value = 2; }
message Ok { repeated Option headers = 2; repeated string headers_to_remove = 5; repeated Option response_headers_to_add = 6; repeated Parameter query_parameters_to_set = 7; repeated string query_parameters_to_remove = 8; }
message Response { Status status = 1; Denied denied_response = 2; Ok ok_response = 3; }
message HttpRequest { string method = 2; map<string, string> headers = 3; string path = 4; string host = 5; string protocol = 10; string body = 11; }
message Inner { HttpRequest http = 2; }
message SocketAddress { string address = 2; }
message Address { SocketAddress socket_address = 1; }
message Peer { Address address = 1; string service = 2; }
message Attributes { Peer source = 1; Inner request = 4; map<string, string> context_extensions = 10; }
message Request { Attributes attributes = 1; }
`, { keepCase: true });
const [Request, Response] = ['Request', 'Response'].map(name => root.lookupType(name));
const check = {
  path: '/envoy.service.auth.v3.Authorization/Check', requestStream: false, responseStream: false,
  requestSerialize: m => m, requestDeserialize: b => Request.decode(b), responseSerialize: m => Buffer.from(Response.encode(Response.fromObject(m)).finish()), responseDeserialize: b => b,
};
const option = (key, value, append) => ({ header: { key, value }, append: append === undefined ? undefined : { value: append } });
const server = new grpc.Server();
server.addService({ check }, {
  check: (call, done) => {
    const { source, request, context_extensions: context } = call.request.attributes;
    if (!request) {
      switch (source.address.socket_address.address) {
        case '127.0.0.2': return done(null, { status: { code: 7 } });
        case '127.0.0.3': return done({ code: grpc.status.INTERNAL, details: 'broken' });
        default: return setTimeout(() => done(null, { status: { code: 0 } }), 50);
      }
    }
    const { http } = request;
    switch (http.headers['x-user']) {
      case 'silent': return;
      case 'broken': return done({ code: grpc.status.INTERNAL, details: 'broken' });
      case 'forger': return done(null, { status: { code: 0 }, ok_response: { headers: [option('x-forged', 'a\r\nx-evil: 1')] } });
      case 'mallory': return done(null, { status: { code: 7 }, denied_response: { status: { code: 401 }, headers: [option('www-authenticate', 'Basic'), option('content-type', 'text/html')], body: '<p>who are you?' } });
    }
    const seen = `${http.method} ${http.host.split(':')[0]}${http.path} ${http.protocol} ${context.area || '-'} body=${http.body.length}/${http.headers['x-envoy-auth-partial-body'] || '-'} secret=${http.headers['x-secret'] || '-'}`;
    done(null, {
      status: { code: 0 },
      ok_response: {
        headers: [option('x-seen', seen), option('x-list', 'more', true)],
        headers_to_remove: ['x-remove'],
        response_headers_to_add: [option('x-checked', 'yes')],
        query_parameters_to_set: [{ key: 'added', value: '1' }],
        query_parameters_to_remove: ['dropped'],
      },
    });
  },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
