"""Makes calls with the stubs that gRPC for Python has generated: one for each line of its input, all at once."""

import importlib
import json
import os
import pathlib
import sys
import threading

import grpc
import rpc_status_pb2
from google.protobuf import descriptor_pool, json_format
from peer import BOUND, say

# Each module makes its services known.
for module in pathlib.Path(os.environ["PYTHONPATH"]).glob("*_pb2.py"):
    importlib.import_module(module.stem)


def make_call(id, address, method, send=({},), headers={}, tls={}, **how):
    with channel_to(address, **tls) as channel:
        types, make = method_of(channel, method, how.get("path"))
        requests = [json_format.ParseDict(message, types.input_type._concrete_class()) for message in send]
        replied = threading.Semaphore(0)
        if isinstance(make, (grpc.StreamUnaryMultiCallable, grpc.StreamStreamMultiCallable)):
            argument = in_turns(requests, replied) if how.get("turns") else iter(requests)
        else:
            (argument,) = requests
        options = {
            "timeout": how.get("timeout", BOUND),
            "metadata": tuple(headers.items()),
            "compression": grpc.Compression.Gzip if how.get("gzip") else None,
        }
        replies = []
        try:
            if isinstance(make, (grpc.UnaryUnaryMultiCallable, grpc.StreamUnaryMultiCallable)):
                call = make.future(argument, **options)
                say("begun", id=id)
                replies.append(call.result())
            else:
                call = make(argument, **options)
                call.initial_metadata()
                say("begun", id=id)
                for reply in call:
                    replies.append(reply)
                    if len(replies) == how.get("enough"):
                        call.cancel()
                    replied.release()
        except grpc.RpcError:
            pass
        answer = {"replies": [json_format.MessageToDict(reply) for reply in replies], **status_of(call)}
        say("ended", id=id, answer=answer)


def in_turns(requests, replied):
    """Hands out each request after the reply to the one before, and ends after the last reply."""
    for request in requests:
        yield request
        replied.acquire()


def channel_to(address, ca=None, cert=None, key=None, servername=None):
    if not ca:
        return grpc.insecure_channel(address)
    pem = [file and pathlib.Path(file).read_bytes() for file in (ca, key, cert)]
    options = (("grpc.ssl_target_name_override", servername),) if servername else ()
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(*pem), options)


def method_of(channel, name, path):
    """A method's types, and what makes a call of it: the generated stub, where there is no path in its place."""
    service, method = name.split("/")
    contract = descriptor_pool.Default().FindServiceByName(service)
    types = contract.methods_by_name[method]
    if path:
        request, reply = types.input_type._concrete_class, types.output_type._concrete_class
        return types, channel.unary_unary(path, request.SerializeToString, reply.FromString)
    stubs = importlib.import_module(contract.file.name.replace(".proto", "_pb2_grpc"))
    return types, getattr(getattr(stubs, f"{contract.name}Stub")(channel), method)


def status_of(call):
    """How a call has ended: its status, and the details in its trailers, by the names that Google gave them."""
    ended = {"code": call.code().name, "message": call.details(), "details": []}
    for key, value in call.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status = rpc_status_pb2.Status.FromString(value)
            agree = status.code == call.code().value[0] and status.message == call.details()
            details = json_format.MessageToDict(status)["details"]
            ended["details"] = details if agree else f"of another status: {status}"
    return ended


for line in sys.stdin:
    threading.Thread(target=make_call, kwargs=json.loads(line), daemon=True).start()
