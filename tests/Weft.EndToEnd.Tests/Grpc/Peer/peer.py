"""The service of service.js on python3-grpcio: `peer.py serve` prints its port, `peer.py call PORT` makes a call of every shape as client.js does."""
import sys
import threading
from concurrent import futures

import grpc

SERVICE = "echo.Echo"


def unary(request, context):
    context.set_trailing_metadata((("x-trailer", "end"),))
    return request


def server_stream(request, context):
    for i in range(100):
        yield request + str(i).encode()


def client_stream(requests, context):
    return str(sum(1 for _ in requests)).encode()


def bidi(requests, context):
    yield from requests


def slow(request, context):
    ended = threading.Event()
    context.add_callback(ended.set)
    ended.wait()
    return b""


def fail(request, context):
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")


def serve():
    server = grpc.server(futures.ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "ServerStream": grpc.unary_stream_rpc_method_handler(server_stream),
        "ClientStream": grpc.stream_unary_rpc_method_handler(client_stream),
        "Bidi": grpc.stream_stream_rpc_method_handler(bidi),
        "Slow": grpc.unary_unary_rpc_method_handler(slow),
        "Fail": grpc.unary_unary_rpc_method_handler(fail),
    }),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    server.wait_for_termination()


def call(port):
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")

    def path(name):
        return f"/{SERVICE}/{name}"

    answer, made = channel.unary_unary(path("Unary")).with_call(b"hello")
    print("unary", answer.decode(), dict(made.trailing_metadata())["x-trailer"])
    streamed = list(channel.unary_stream(path("ServerStream"))(b"m"))
    print("server", len(streamed), streamed[99].decode())
    print("client", channel.stream_unary(path("ClientStream"))(iter([bytes(1000)] * 50)).decode())
    print("bidi", len(list(channel.stream_stream(path("Bidi"))(iter([b"b"] * 20)))))
    try:
        channel.unary_unary(path("Fail"))(b"")
    except grpc.RpcError as error:
        print("fail", error.code().value[0], error.details())
    print("large", len(channel.unary_unary(path("Unary"))(b"x" * 2000000)))
    try:
        channel.unary_unary(path("Slow"))(b"", timeout=0.3)
    except grpc.RpcError as error:
        print("deadline", error.code().value[0])
    channel.close()


if sys.argv[1] == "serve":
    serve()
else:
    call(sys.argv[2])
