# The same with the gRPC library of C and Python.
import sys
import time
import grpc

target, calls = sys.argv[1:]
with grpc.insecure_channel(target) as channel:
    who = channel.unary_unary('/echo.Echo/Who', request_serializer=lambda b: b, response_deserializer=lambda b: b)
    for i in range(int(calls) if calls.isdigit() else 2000):
        try:
            said = who(b'hello', timeout=15).decode()
        except grpc.RpcError as error:
            said = f'{error.code()} {error.details()}'
        print(said)
        if said == calls:
            break
        if not calls.isdigit():
            time.sleep(0.02)
