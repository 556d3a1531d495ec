'use strict';
// A grpc-js client that finds its server by xDS: calls the target given until every server named has answered, and prints what each answered.
const grpc = require('@grpc/grpc-js');
require('@grpc/grpc-js-xds').register();
const bytes = { requestSerialize: b => b, requestDeserialize: b => b, responseSerialize: b => b, responseDeserialize: b => b };
const Client = grpc.makeGenericClientConstructor({ who: { path: '/echo.Echo/Who', requestStream: false, responseStream: false, ...bytes } }, 'Echo');
const [target, names] = process.argv.slice(2);
const missing = new Set(names.split(','));
const client = new Client(target, grpc.credentials.createInsecure());
const call = () => new Promise(resolve => client.who(Buffer.from('hello'), new grpc.Metadata(), { deadline: Date.now() + 60000 }, (error, answer) =>
  resolve(error ? `${error.code} ${error.details}` : String(answer))));
(async () => {
  for (let i = 0; missing.size > 0 && i < 2000; i++) {
    const said = await call();
    console.log(said);
    missing.delete(said);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  process.exit();
})();
