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
  // Shelf { id } has the number of GetShelfRequest { shelf }; shelf 99 does not exist.
  getShelf: (call, done) => call.request[1] == 99 ? done({ code: grpc.status.NOT_FOUND, details: 'no shelf' }) : done(null, call.request),
  listBooks: call => {
    for (const title of ['a', 'b', 'c']) call.write(Buffer.from([0x0a, 1, title.charCodeAt(0)]));
    call.end();
  },
  addBooks: (call, done) => {
    let count = 0;
    call.on('data', () => count++);
    call.on('end', () => done(null, Buffer.from([8, count])));
  },
  slow: () => {},
  fail: (call, done) => done({ code: grpc.status.FAILED_PRECONDITION, details: 'not now' }),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
