"""Books payments. The first two calls of each end with UNAVAILABLE: the first asks for a while, as -1 asks never again."""

import grpc
import payment_pb2 as pb
import payment_pb2_grpc
from peer import as_dict, metadata_of, say, serve


class Payments(payment_pb2_grpc.PaymentServiceServicer):
    def __init__(self):
        self.calls = {}

    def Pay(self, request, context):
        attempt = metadata_of(context).get("grpc-previous-rpc-attempts", "0")
        say("Pay", attempt=attempt, remaining=context.time_remaining(), **as_dict(request))
        calls = self.calls[request.idempotency_key] = self.calls.get(request.idempotency_key, 0) + 1
        if calls == 1:
            context.set_trailing_metadata((("grpc-retry-pushback-ms", "400"),))
        if calls < 3:
            context.abort(grpc.StatusCode.UNAVAILABLE, "Später.")
        return pb.Payment(id="1", payee=request.payee, amount=request.amount)

    def GetTotal(self, request, context):
        return pb.Total(payments=1, amount=2**53 + 1)


serve(lambda server: payment_pb2_grpc.add_PaymentServiceServicer_to_server(Payments(), server))
