'use strict';
const grpc = require('@grpc/grpc-js');
const server = new grpc.Server();
server.addService(require('./service'), {
  unary: (call, done) => {
    const trailers = new grpc.Metadata();
    trailers.set('x-trailer', 'end');
    done(null, call.request, trailers);
  },
  serverStream: call => {
    for (let i = 0; i < 100; i++) call.write(Buffer.from(`${call.request}${i}`));
    call.end();
  },
  clientStream: (call, done) => {
    let count = 0;
    call.on('data', () => count++);
    call.on('end', () => done(null, Buffer.from(String(count))));
  },
  bidi: call => {
    call.on('data', message => call.write(message));
    call.on('end', () => call.end());
  },
  slow: () => {},
  fail: (call, done) => done({ code: grpc.status.FAILED_PRECONDITION, details: 'not now' }),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
