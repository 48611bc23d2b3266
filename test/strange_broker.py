#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Something on a port that is no Kafka broker.

        strange_broker.py WAY       prints its HOST:PORT, until it is killed

WAY is what it does with who connects: mute (takes all, says nothing), closes,
http, huge (an answer of 2 GB is announced), random (bytes), random-answers
(bytes in Kafka's frames), empty-answers. The seed of the bytes is fixed.
"""

import random
import socket
import struct
import sys
import threading

bytes_of = random.Random(7).randbytes


def frame(request, body):
    """An answer to the request, by its correlation id."""
    return struct.pack(">i", 4 + len(body)) + request[8:12] + body


def answer(way, request):
    if way == "http":
        return b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
    if way == "huge":
        return struct.pack(">i", 0x7FFFFFFF) + request[8:12]
    if way == "random":
        return bytes_of(500)
    if way == "random-answers":
        return frame(request, bytes_of(300))
    if way == "empty-answers":
        return frame(request, b"")
    return b""  # mute


def serve(way, c):
    try:
        while way != "closes" and (request := c.recv(65536)):
            c.sendall(answer(way, request))
            if way == "http":
                break
    except OSError:
        pass
    c.close()


def main(way):
    s = socket.create_server(("127.0.0.1", 0))
    print("127.0.0.1:%d" % s.getsockname()[1], flush=True)
    while True:
        c, _ = s.accept()
        threading.Thread(target=serve, args=(way, c), daemon=True).start()


main(sys.argv[1])
