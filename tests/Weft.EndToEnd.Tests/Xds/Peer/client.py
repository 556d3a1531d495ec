# The same with the gRPC library of C and Python.
import sys
import grpc

target, calls = sys.argv[1:]
with grpc.insecure_channel(target) as channel:
    who = channel.unary_unary('/echo.Echo/Who', request_serializer=lambda b: b, response_deserializer=lambda b: b)
    for _ in range(int(calls)):
        try:
            print(who(b'hello', timeout=15).decode())
        except grpc.RpcError as error:
            print(error.code(), error.details())
