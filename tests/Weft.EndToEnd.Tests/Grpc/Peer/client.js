'use strict';
// Makes a call of every shape to the port given and prints what came of each, a line each.
const grpc = require('@grpc/grpc-js');
const Client = grpc.makeGenericClientConstructor(require('./service'), 'Echo');
const client = new Client('127.0.0.1:' + process.argv[2], grpc.credentials.createInsecure());
const say = (...words) => console.log(words.join(' '));

const unary = (name, request, options, cancelMs) => new Promise(resolve => {
  let answer = '';
  const call = client[name](Buffer.from(request), new grpc.Metadata(), options ?? {}, (error, response) =>
    answer = error ? `${error.code} ${error.details}` : String(response));
  if (cancelMs) setTimeout(() => call.cancel(), cancelMs);
  call.on('status', status => setImmediate(() => resolve(`${answer} ${status.metadata.get('x-trailer')[0] ?? ''}`.trim())));
});

const read = call => new Promise((resolve, reject) => {
  const messages = [];
  call.on('data', message => messages.push(message.toString()));
  call.on('end', () => resolve(messages));
  call.on('error', reject);
});

(async () => {
  say('unary', await unary('unary', 'hello'));
  const streamed = await read(client.serverStream(Buffer.from('m')));
  say('server', streamed.length, streamed[99]);
  say('client', await new Promise((resolve, reject) => {
    const call = client.clientStream((error, response) => error ? reject(error) : resolve(response));
    for (let i = 0; i < 50; i++) call.write(Buffer.alloc(1000));
    call.end();
  }));
  const bidi = client.bidi();
  const answers = read(bidi);
  for (let i = 0; i < 20; i++) bidi.write(Buffer.from('b' + i));
  bidi.end();
  say('bidi', (await answers).length);
  say('fail', await unary('fail', ''));
  say('large', (await unary('unary', 'x'.repeat(2000000))).length);
  say('deadline', (await unary('slow', '', { deadline: Date.now() + 300 })).split(' ')[0]);
  say('cancel', (await unary('slow', '', {}, 300)).split(' ')[0]);
  client.close();
})().catch(error => { console.log(error.stack); process.exit(1); });
