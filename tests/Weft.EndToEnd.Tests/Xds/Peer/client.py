# The same with the gRPC library of C and Python.
import sys
import time
import grpc

target, names = sys.argv[1:]
missing = set(names.split(","))
with grpc.insecure_channel(target) as channel:
    who = channel.unary_unary('/echo.Echo/Who', request_serializer=lambda b: b, response_deserializer=lambda b: b)
    for i in range(2000):
        try:
            said = who(b'hello', timeout=60).decode()
        except grpc.RpcError as error:
            said = f'{error.code()} {error.details()}'
        print(said)
        missing.discard(said)
        if not missing:
            break
        time.sleep(0.02)
