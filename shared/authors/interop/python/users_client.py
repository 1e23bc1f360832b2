"""Creates, reads, updates, lists and deletes users at the address that it is given, and makes each mistake once."""

import sys

import grpc
import user_service_pb2 as pb
import user_service_pb2_grpc
from google.protobuf.field_mask_pb2 import FieldMask
from peer import BOUND, as_dict, say, say_outcome


def main(address):
    with grpc.insecure_channel(address) as channel:
        stub = user_service_pb2_grpc.UserServiceStub(channel)

        def create(**user):
            return stub.CreateUser(pb.CreateUserRequest(user=pb.User(**user)), timeout=BOUND)

        def update(mask, **user):
            request = pb.UpdateUserRequest(user=pb.User(**user), update_mask=mask)
            return stub.UpdateUser(request, timeout=BOUND)

        def page(**request):
            return stub.ListUsers(pb.ListUsersRequest(**request), timeout=BOUND)

        def get(user_id):
            return stub.GetUser(pb.GetUserRequest(id=user_id), timeout=BOUND)

        def delete(user_id):
            return stub.DeleteUser(pb.DeleteUserRequest(id=user_id), timeout=BOUND)

        zoe = create(name="Zoë 🎈", email="zoe@example.com", phone_number="+1 (415) 555-0123")
        say("created", seconds=zoe.create_time.seconds, user=as_dict(zoe))
        say_outcome("created again", lambda: create(name="Zoë", email="ZOE@example.com"))
        say_outcome("created wrongly", lambda: create(email="nowhere"))

        say("read", same=get(zoe.id) == zoe)
        say_outcome("read nobody", lambda: get("nobody"))

        named = update(FieldMask(paths=["name"]), id=zoe.id, name="Zoe", email="ignored")
        say("updated", user=as_dict(named), later=named.update_time.ToDatetime() >= zoe.update_time.ToDatetime())
        say("updated without a mask", user=as_dict(update(None, id=zoe.id, email="zoe@example.org")))
        say("cleared", user=as_dict(update(FieldMask(paths=["phone_number"]), id=zoe.id)))
        say_outcome("updated wrongly", lambda: update(FieldMask(paths=["shoe_size"]), id=zoe.id))

        for name in ("Ada", "Grace"):
            create(name=name, email=f"{name}@example.com")
        first = page(page_size=2)
        second = page(page_size=2, page_token=first.next_page_token)
        pages = [[user.name for user in each.users] for each in (first, second)]
        say("listed", pages=pages, last=second.next_page_token == "")
        say_outcome("listed wrongly", lambda: page(page_token="made up"))
        say_outcome("listed backwards", lambda: page(page_size=-1))

        say_outcome("deleted", lambda: delete(zoe.id))
        say_outcome("deleted again", lambda: delete(zoe.id))


main(sys.argv[1])
