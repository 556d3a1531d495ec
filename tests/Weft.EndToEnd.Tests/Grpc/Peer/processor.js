'use strict';
// An external processor: what it does with a request stands in the request's header x-do; bodies it writes in capitals.
const grpc = require('@grpc/grpc-js');
const { root } = require('protobufjs').parse(`
syntax = "proto3";
message HeaderValue { string key = 1; string value = 2; bytes raw_value = 3; }
message HeaderMap { repeated HeaderValue headers = 1; }
message BoolValue { bool value = 1; }
message Option { HeaderValue header = 1; BoolValue append = 2; }
message Value { double number_value = 2; string string_value = 3; Struct struct_value = 5; }
message Struct { map<string, Value> fields = 1; }
message Metadata { map<string, Struct> filter_metadata = 1; }
message Headers { HeaderMap headers = 1; bool end_of_stream = 3; }
message Body { bytes body = 1; bool end_of_stream = 2; }
message Trailers { HeaderMap trailers = 1; }
message Request { Headers request_headers = 2; Headers response_headers = 3; Body request_body = 4; Body response_body = 5; Trailers request_trailers = 6; Trailers response_trailers = 7; Metadata metadata_context = 8; map<string, Struct> attributes = 9; bool observability_mode = 10; Protocol protocol_config = 11; }
message Protocol { int32 request_body_mode = 1; int32 response_body_mode = 2; }
message Streamed { bytes body = 1; bool end_of_stream = 2; }
message Mutation { repeated Option set_headers = 1; repeated string remove_headers = 2; }
message BodyMutation { bytes body = 1; bool clear_body = 2; Streamed streamed_response = 3; }
message Common { int32 status = 1; Mutation header_mutation = 2; BodyMutation body_mutation = 3; bool clear_route_cache = 5; }
message Part { Common response = 1; }
message TrailersPart { Mutation header_mutation = 1; }
message Status { int32 code = 1; }
message GrpcStatus { uint32 status = 1; }
message Immediate { Status status = 1; Mutation headers = 2; bytes body = 3; GrpcStatus grpc_status = 4; string details = 5; }
message Mode { int32 request_header_mode = 1; int32 response_header_mode = 2; int32 request_body_mode = 3; int32 response_body_mode = 4; int32 request_trailer_mode = 5; int32 response_trailer_mode = 6; }
message Duration { int64 seconds = 1; }
message Response { Part request_headers = 1; Part response_headers = 2; Part request_body = 3; Part response_body = 4; TrailersPart request_trailers = 5; TrailersPart response_trailers = 6; Immediate immediate_response = 7; Struct dynamic_metadata = 8; Mode mode_override = 9; Duration override_message_timeout = 10; }
`, { keepCase: true });
const [Request, Response] = ['Request', 'Response'].map(name => root.lookupType(name));
const process_ = {
  path: '/envoy.service.ext_proc.v3.ExternalProcessor/Process', requestStream: true, responseStream: true,
  requestSerialize: m => m, requestDeserialize: b => Request.decode(b), responseSerialize: m => Buffer.from(Response.encode(Response.fromObject(m)).finish()), responseDeserialize: b => b,
};
const set = (key, value, append) => ({ header: { key, raw_value: Buffer.from(value) }, append: append ? { value: true } : undefined });
const read = headers => Object.fromEntries(headers.headers.map(h => [h.key, h.raw_value.toString()]));
const text = attributes => Object.entries(attributes).map(([name, value]) => name + ':' + Object.entries(value.fields).map(([k, v]) => `${k}=${v.string_value || v.number_value}`).sort().join(',')).join(';');
const change = (headers, more) => ({ response: { header_mutation: { set_headers: headers }, ...more } });
const streamed = (body, end_of_stream) => ({ response: { body_mutation: { streamed_response: { body: Buffer.from(body), end_of_stream } } } });
const Duplex = 4;
const server = new grpc.Server();
server.addService({ process: process_ }, {
  process: call => {
    const seen = [];
    let what = '';
    let modes = {};
    let kept = '';
    // FULL_DUPLEX_STREAMED: x-do late answers only when all is there, in two pieces.
    const answerLate = end => {
      call.write({ request_headers: change([set('x-set', 'late')]) });
      call.write({ request_body: streamed(kept.slice(0, 3).toUpperCase(), false) });
      call.write({ request_body: streamed(kept.slice(3).toUpperCase(), end) });
    };
    const onHead = headers => {
      what = headers['x-do'] || '';
      switch (what) {
        case 'late': return;
        case 'deny': return call.write({ immediate_response: { status: { code: 403 }, headers: { set_headers: [set('x-why', 'not you')] }, body: Buffer.from('go away'), details: 'because of me' } });
        case 'silent': return;
        case 'broken': return call.emit('error', { code: grpc.status.INTERNAL, details: 'it broke' });
        case 'close': return call.end();
        case 'spurious': return call.write({ response_trailers: {} });
        case 'invalid': return call.write({ request_headers: change([set('x-bad', 'a\nb')]) });
        case 'replace': return call.write({ request_headers: change([set(':method', 'PUT')], { status: 1, body_mutation: { body: Buffer.from('new body') } }) });
        case 'modes': return call.write({ request_headers: {}, mode_override: { request_body_mode: 2, response_header_mode: 2 } });
        case 'reroute': return call.write({ request_headers: change([set('x-route', 'other')], { clear_route_cache: true }) });
        case 'slow':
          call.write({ override_message_timeout: { seconds: 60 } });
          return setTimeout(() => call.write({ request_headers: change([set('x-set', 'late')]) }), 6000);
        case 'system': return call.write({ request_headers: change([set(':authority', 'evil'), set('x-envoy-evil', 'yes'), set('x-set', 'yes')]) });
        default:
          return call.write({
            request_headers: { response: { header_mutation: { set_headers: [set('x-set', 'one'), set('x-list', 'more', true), set('x-secret-seen', String('x-secret' in headers))], remove_headers: ['x-remove', ':path'] } } },
            dynamic_metadata: { fields: { answer: { struct_value: { fields: { number: { string_value: 'forty-two' } } } }, hidden: { struct_value: { fields: {} } } } },
          });
      }
    };
    call.on('data', m => {
      if (m.protocol_config) modes = m.protocol_config;
      if (m.request_headers) {
        seen.push(`head ${m.request_headers.end_of_stream} [${text(m.attributes)}] [${m.metadata_context ? text(m.metadata_context.filter_metadata) : ''}]`);
        onHead(read(m.request_headers.headers));
      } else if (m.request_body) {
        seen.push(`body ${m.request_body.body.length} ${m.request_body.end_of_stream}`);
        if (what === 'late') {
          kept += m.request_body.body;
          return m.request_body.end_of_stream && answerLate(true);
        }
        if (modes.request_body_mode === Duplex && what !== 'whole') return call.write({ request_body: streamed(m.request_body.body.toString().toUpperCase(), m.request_body.end_of_stream) });
        call.write({ request_body: { response: { header_mutation: what === 'length' ? { set_headers: [set('content-length', '3')] } : undefined, body_mutation: what === 'length' ? { body: Buffer.from('abc') } : { body: Buffer.from(m.request_body.body.toString().toUpperCase()) } } } });
      } else if (m.request_trailers) {
        if (what === 'late') answerLate(false);
        seen.push(`trailers ${JSON.stringify(read(m.request_trailers.trailers))}`);
        call.write({ request_trailers: { header_mutation: { set_headers: [set('x-trailer', 'changed')] } } });
      } else if (m.response_headers) {
        seen.push(`response ${m.response_headers.end_of_stream} [${text(m.attributes)}]`);
        call.write({ response_headers: change([set('x-seen', seen.join(' | '))]) });
      } else if (m.response_body) {
        if (modes.response_body_mode === Duplex) return call.write({ response_body: streamed(m.response_body.body.toString().replace(/[aeiou]/g, '*'), m.response_body.end_of_stream) });
        call.write({ response_body: { response: { body_mutation: { body: Buffer.from(m.response_body.body.toString().replace(/[aeiou]/g, '*')) } } } });
      } else {
        call.write({ response_trailers: {} });
      }
    });
    call.on('end', () => call.end());
    call.on('error', () => {});
  },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
