"""Calls a server with TLS, in ways that it should and should not take: its address, and the folder of the certificates."""

import pathlib
import sys

import grpc
import hello_pb2
import hello_pb2_grpc
from peer import BOUND, say_outcome


def main(address, folder):
    def pem(name):
        return pathlib.Path(folder, name).read_bytes()

    def certified(user):
        return grpc.ssl_channel_credentials(pem("ca.crt"), pem(f"{user}.key"), pem(f"{user}.crt"))

    def call(what, credentials, name="World", expected=None):
        options = (("grpc.ssl_target_name_override", expected),) if expected else ()
        if credentials:
            channel = grpc.secure_channel(address, credentials, options)
        else:
            channel = grpc.insecure_channel(address)
        with channel:
            stub = hello_pb2_grpc.HelloStub(channel)
            request = hello_pb2.HelloRequest(greeting="Hello", name=name)
            say_outcome(what, lambda: stub.hello(request, timeout=BOUND))

    call("ada", certified("ada"))
    call("guest", certified("guest"), name="guest")
    call("guest as ada", certified("guest"), name="ada")
    call("nobody", grpc.ssl_channel_credentials(pem("ca.crt")))
    call("another name", certified("ada"), expected="bank.example")
    # ada's own certificate is no authority, so it vouches for nobody.
    call("another authority", grpc.ssl_channel_credentials(pem("ada.crt")))
    call("no TLS", None)


main(*sys.argv[1:])
