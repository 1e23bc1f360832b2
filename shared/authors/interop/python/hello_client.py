"""Makes the four calls of Hello, and some that go wrong, at the address that it is given."""

import queue
import sys

import grpc
import hello_pb2
import hello_pb2_grpc
from peer import BOUND, as_dict, say, say_outcome, status_of


def main(address):
    with grpc.insecure_channel(address) as channel:
        stub = hello_pb2_grpc.HelloStub(channel)
        world = hello_pb2.HelloRequest(greeting="Hello", name="World")

        # Four seconds long, so the others are made meanwhile.
        parrot = stub.parrotHello(world, timeout=BOUND)

        reply = stub.hello(hello_pb2.HelloRequest(greeting="Grüß Gott,", name="Zoë 🎈"), timeout=BOUND)
        say("hello", message=reply.message)
        reply = stub.hello(world, timeout=BOUND, compression=grpc.Compression.Gzip)
        say("compressed", message=reply.message)
        say("empty", message=stub.hello(hello_pb2.HelloRequest(), timeout=BOUND).message)

        names = (hello_pb2.HelloRequest(greeting="Hello", name=name) for name in ("Ada", "Grace", ""))
        say("clientHello", **as_dict(stub.clientHello(names, timeout=BOUND)))
        say("nobody", **as_dict(stub.clientHello(iter(()), timeout=BOUND)))
        converse(stub)

        leave(stub, world)
        say_outcome("deadline", lambda: list(stub.parrotHello(world, timeout=1)))
        say_outcome("no such method", lambda: channel.unary_unary("/hello.Hello/goodbye")(b"", timeout=BOUND))
        say_outcome("no such service", lambda: channel.unary_unary("/hello.Bye/hello")(b"", timeout=BOUND))

        say("parrotHello", messages=[reply.message for reply in parrot], **status_of(parrot))


def converse(stub):
    """Sends each request after the reply to the one before, and then closes its half."""
    requests = queue.Queue()
    call = stub.biHello(iter(requests.get, None), timeout=BOUND)
    heard = []
    for name in ("Ada", "Grace"):
        requests.put(hello_pb2.HelloRequest(greeting="Hello", name=name))
        heard.append(next(call).message)
    requests.put(None)
    heard.extend(reply.message for reply in call)
    say("biHello", messages=heard, **status_of(call))


def leave(stub, request):
    """Leaves after the first reply."""
    call = stub.parrotHello(request, timeout=BOUND)
    first = next(call).message
    call.cancel()
    say("cancel", first=first, **status_of(call))


main(sys.argv[1])
