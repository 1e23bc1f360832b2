"""Serves Hello; with TLS when it is given a folder of certificates. Who greets nobody hears that nobody is here."""

import pathlib
import sys
import threading

import grpc
import hello_pb2
import hello_pb2_grpc
from peer import BOUND, abort, metadata_of, say, serve


class Hello(hello_pb2_grpc.HelloServicer):
    def hello(self, request, context):
        say(
            "hello",
            name=request.name,
            agent=metadata_of(context)["user-agent"],
            seconds_left=context.time_remaining(),
            callers=[name.decode() for name in context.auth_context().get("x509_subject_alternative_name", ())],
        )
        if request.name == "nobody":
            abort(context, grpc.StatusCode.NOT_FOUND, "Nobody is here.")
        return hello_pb2.HelloReply(message=f"{request.greeting} {request.name}")

    def parrotHello(self, request, context):
        gone = threading.Event()
        context.add_callback(gone.set)
        yield hello_pb2.HelloReply(message=f"{request.greeting} {request.name} 1")
        if request.name == "Impatient":
            say("parrotHello", name=request.name, left=gone.wait(BOUND))
        else:
            yield hello_pb2.HelloReply(message=f"{request.greeting} {request.name} 2")
            yield hello_pb2.HelloReply(message=f"{request.greeting} {request.name} 3")
            say("parrotHello", name=request.name, left=gone.is_set())

    def clientHello(self, request_iterator, context):
        requests = list(request_iterator)
        # A list is only ever complete when the client has closed its half.
        say("clientHello", names=[request.name for request in requests])
        return hello_pb2.DelayedReply(message=f"{len(requests)} have come", request=requests)

    def biHello(self, request_iterator, context):
        names = []
        for request in request_iterator:
            names.append(request.name)
            if request.name == "nobody":
                abort(context, grpc.StatusCode.NOT_FOUND, "Nobody is here.")
            yield hello_pb2.HelloReply(message=f"{request.greeting} {request.name}")
        say("biHello", names=names)
        yield hello_pb2.HelloReply(message="Goodbye")


def mutual_tls(folder):
    def pem(name):
        return pathlib.Path(folder, name).read_bytes()

    own = [(pem("server.key"), pem("server.crt"))]
    return grpc.ssl_server_credentials(own, root_certificates=pem("ca.crt"), require_client_auth=True)


serve(lambda server: hello_pb2_grpc.add_HelloServicer_to_server(Hello(), server), *map(mutual_tls, sys.argv[1:]))
