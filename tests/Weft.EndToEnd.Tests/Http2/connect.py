"""A client of HTTP/2 on python3-h2: makes a CONNECT, or with a protocol an extended one, and says what came of it.
connect.py PORT [PROTOCOL]"""
import socket
import sys

import h2.config
import h2.connection
import h2.events
import h2.settings

port = int(sys.argv[1])
protocol = sys.argv[2] if len(sys.argv) > 2 else None
sock = socket.create_connection(("127.0.0.1", port), timeout=20)
connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8", validate_outbound_headers=False))
connection.initiate_connection()
sock.sendall(connection.data_to_send())
opened = asked = False
settings = {}
received = b""


def ask():
    headers = [(":method", "CONNECT"), (":authority", "target.example:443")]
    if protocol:
        headers += [(":protocol", protocol), (":scheme", "http"), (":path", "/chat"), ("sec-websocket-version", "13")]
    connection.send_headers(1, headers)


while True:
    data = sock.recv(65536)
    if not data:
        print("closed")
        break
    ended = False
    for event in connection.receive_data(data):
        if isinstance(event, h2.events.RemoteSettingsChanged):
            settings.update({int(key): change.new_value for key, change in event.changed_settings.items()})
            if not asked:
                asked = True
                print("enable_connect_protocol", settings.get(8, 0))
                ask()
        elif isinstance(event, h2.events.ResponseReceived):
            print("status", dict(event.headers)[":status"])
            if not opened and event.stream_ended is None:
                opened = True
                connection.send_data(1, b"hello")
        elif isinstance(event, h2.events.DataReceived):
            received += event.data
            connection.acknowledge_received_data(event.flow_controlled_length, 1)
            if event.data and received == b"hello":
                connection.end_stream(1)
        elif isinstance(event, h2.events.StreamEnded):
            print("received", received.decode())
            ended = True
        elif isinstance(event, h2.events.StreamReset):
            print("reset", int(event.error_code))
            ended = True
        elif isinstance(event, h2.events.ConnectionTerminated):
            print("goaway", int(event.error_code))
            ended = True
    sock.sendall(connection.data_to_send())
    if ended:
        break
