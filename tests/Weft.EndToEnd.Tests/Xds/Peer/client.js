'use strict';
// A grpc-js client that finds its server by xDS: calls the target given as often as said and prints what each answered.
const grpc = require('@grpc/grpc-js');
require('@grpc/grpc-js-xds').register();
const bytes = { requestSerialize: b => b, requestDeserialize: b => b, responseSerialize: b => b, responseDeserialize: b => b };
const Client = grpc.makeGenericClientConstructor({ who: { path: '/echo.Echo/Who', requestStream: false, responseStream: false, ...bytes } }, 'Echo');
const [target, calls] = process.argv.slice(2);
const client = new Client(target, grpc.credentials.createInsecure());
const call = () => new Promise(resolve => client.who(Buffer.from('hello'), new grpc.Metadata(), { deadline: Date.now() + 15000 }, (error, answer) =>
  resolve(error ? `${error.code} ${error.details}` : String(answer))));
(async () => {
  for (let i = 0; i < Number(calls); i++) console.log(await call());
  process.exit();
})();
