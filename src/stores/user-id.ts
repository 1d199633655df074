/** Which ids every database can hold exactly: the one check that keeps two users from sharing a row. */

const MAX_BYTES = 1024; // MySQL's index entries end at 3,072 bytes, PostgreSQL's at 2,704

/**
 * Refuses an id that some database would change on its way in: drivers write U+FFFD for a lone surrogate, PostgreSQL
 * has no NUL, MySQL outside strict mode cuts what is too long. Changed ids are shared ids.
 */
export function checkUserId(userId: string): string {
  if (typeof userId !== "string") throw new TypeError("userId: want a string");
  if (/[\0\p{Cs}]/u.test(userId)) throw new RangeError("userId: want well-formed Unicode without NUL");
  if (userId.length * 3 > MAX_BYTES && utf8Length(userId) > MAX_BYTES) {
    throw new RangeError(`userId: want at most ${MAX_BYTES} bytes of UTF-8`);
  }
  return userId;
}

function utf8Length(text: string): number {
  return encodeURIComponent(text).replace(/%../g, "-").length;
}
