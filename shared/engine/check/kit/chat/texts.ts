/** What people may write in a chat. */
import { allTexts, oneOf, someNames } from '../random-inputs.ts';

/** @returns somebody in some room */
export const someone = () => ({
  user_from: someNames(1)[0]!,
  chat_room: oneOf(['library', 'garden', 'kitchen']),
});

/** Texts that a field may have, all but the empty one: blank, like a command, and as long as one may be. */
export const fieldTexts = [...allTexts.slice(1), ' ', 'and/or', ' /stats', '/shrug', '👋'.repeat(4_000)];

/** Messages with such a text in all three fields. */
export const everywhere = fieldTexts.map((text) => ({ user_from: text, chat_room: text, message: text }));
