'use strict';
// A gRPC server that says its name, the first argument, to whoever calls.
const grpc = require('@grpc/grpc-js');
const bytes = { requestSerialize: b => b, requestDeserialize: b => b, responseSerialize: b => b, responseDeserialize: b => b };
const server = new grpc.Server();
server.addService({ who: { path: '/echo.Echo/Who', requestStream: false, responseStream: false, ...bytes } }, { who: (call, done) => done(null, Buffer.from(process.env.NAME)) });
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
