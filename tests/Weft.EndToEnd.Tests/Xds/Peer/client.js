'use strict';
// A grpc-js client that finds its server by xDS: calls the target given as often as said, or until the server named answers, and prints what each answered.
const grpc = require('@grpc/grpc-js');
require('@grpc/grpc-js-xds').register();
const bytes = { requestSerialize: b => b, requestDeserialize: b => b, responseSerialize: b => b, responseDeserialize: b => b };
const Client = grpc.makeGenericClientConstructor({ who: { path: '/echo.Echo/Who', requestStream: false, responseStream: false, ...bytes } }, 'Echo');
const [target, calls] = process.argv.slice(2);
const isName = Number.isNaN(Number(calls));
const client = new Client(target, grpc.credentials.createInsecure());
const call = () => new Promise(resolve => client.who(Buffer.from('hello'), new grpc.Metadata(), { deadline: Date.now() + 15000 }, (error, answer) =>
  resolve(error ? `${error.code} ${error.details}` : String(answer))));
(async () => {
  for (let i = 0, said; isName ? said !== calls && i < 2000 : i < Number(calls); i++) {
    console.log(said = await call());
    if (isName) await new Promise(resolve => setTimeout(resolve, 20));
  }
  process.exit();
})();
