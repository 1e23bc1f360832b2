"""What the scripts share: they say what they see, one JSON object a line; servers stay as long as their input is open."""

import json
import sys
import threading
from concurrent import futures

import grpc
import rpc_status_pb2
from google.protobuf import json_format

# So long a call may take at most, in seconds: only then does a script end that waits in vain.
BOUND = 20

_one_at_a_time = threading.Lock()


def say(what, **seen):
    with _one_at_a_time:
        print(json.dumps({"what": what, **seen}), flush=True)


def as_dict(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def abort(context, code, words, *details):
    """Ends a call of a server with a status and details."""
    status = rpc_status_pb2.Status(code=code.value[0], message=words)
    for detail in details:
        status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, words)


def metadata_of(context):
    return {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}


def serve(register, credentials=None):
    """Serves on a free port until the input ends."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=10))
    register(server)
    address = "127.0.0.1:0"
    port = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    server.start()
    say("listening", port=port)
    sys.stdin.read()
    server.stop(None).wait()
