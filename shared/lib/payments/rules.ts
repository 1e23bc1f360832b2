import type { PayRequest__Output } from '#protos/generated/payment/PayRequest.ts';
import type { FieldViolation } from '../grpc/error-details.ts';
import { textProblem } from '../grpc/text-limits.ts';

/** The longest payee and the longest key, in characters. */
const longest = 200;

/** @returns what is wrong with a request, whatever was booked before; undefined when it is right */
export const wrongIn = ({
  payee,
  amount,
  idempotency_key: key,
}: PayRequest__Output): FieldViolation[] | undefined => {
  const found = [
    { field: 'payee', description: textProblem(payee, { max: longest }) },
    { field: 'amount', description: amount > 0 ? undefined : 'must be at least 1 cent' },
    // A payment may have no key.
    { field: 'idempotency_key', description: key === '' ? undefined : textProblem(key, { max: longest }) },
  ];
  const wrong = found.filter((each): each is FieldViolation => each.description !== undefined);
  return wrong.length > 0 ? wrong : undefined;
};
