'use strict';
// One service with the four shapes of calls; messages are plain bytes.
const bytes = { requestSerialize: b => b, requestDeserialize: b => b, responseSerialize: b => b, responseDeserialize: b => b };
const method = (name, requestStream, responseStream) => ({ path: '/echo.Echo/' + name, requestStream, responseStream, ...bytes });
module.exports = {
  unary: method('Unary', false, false),
  serverStream: method('ServerStream', false, true),
  clientStream: method('ClientStream', true, false),
  bidi: method('Bidi', true, true),
  slow: method('Slow', false, false),
  fail: method('Fail', false, false),
  // Methods of tests/Weft.Proxy.Tests/HttpFilters/GrpcJsonTranscoder/bookstore.proto, whose messages are written by hand.
  getShelf: { ...method('', false, false), path: '/bookstore.Bookstore/GetShelf' },
  listBooks: { ...method('', false, true), path: '/bookstore.Bookstore/ListBooks' },
  addBooks: { ...method('', true, false), path: '/bookstore.Bookstore/AddBooks' },
};
