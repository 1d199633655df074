import type { Defect } from "./defect.ts";

const TRANSACT = "src/two-factor/transact.ts";
const RECORDS = "src/keyring/records.ts";

/** What is stored, sealed, told and kept from errors. */
export const storing: readonly Defect[] = [
  {
    name: "reveal the outcome although the write was lost",
    file: TRANSACT,
    find: "    return { cause };\n",
    replace: "    return true;\n",
    test: "model/guessing/timeout",
    caughtBy: "V26 a write that did not land reveals nothing, though the code was right",
  },
  {
    name: "believe a write that is there and was never confirmed",
    file: TRANSACT,
    find: "    const landed = written && written.version === loaded.version ? written.decision : undefined;\n",
    replace:
      "    if (written?.version === loaded.version) return reveal(written.decision, loaded);\n" +
      "    const landed = undefined as Decision<T> | undefined;\n",
    test: "unit/stores/poisoned",
    caughtBy:
      "S1 that rejects after each write is believed in nothing, and what it undoes is not accepted twice",
  },
  {
    name: "read PostgreSQL inside somebody's transaction",
    file: "src/stores/postgres.ts",
    find: "transaction_timestamp() = statement_timestamp()",
    replace: "true",
    test: "unit/stores/poisoned",
    caughtBy: "S2 reads nothing inside somebody's transaction: no factor is not an answer",
  },
  {
    name: "read MySQL inside somebody's transaction",
    file: "src/stores/mysql.ts",
    find: '        want(Number(row["alone"]) === 1);\n',
    replace: "",
    test: "unit/stores/poisoned",
    caughtBy: "S2 reads nothing inside somebody's transaction: no factor is not an answer",
  },
  {
    name: "reveal the outcome although another write came first",
    file: TRANSACT,
    find: '  if (typeof written !== "boolean") throw new TypeError("store.compareAndSet: must resolve to true or false");\n  return written;',
    replace: "  return true;",
    test: "model/interleavings",
    caughtBy:
      "V04 of many copies of one code, in sign-ins, verifications and re-authentications, one is accepted",
  },
  {
    name: "write without looking at what is stored",
    file: TRANSACT,
    find: "store.compareAndSet(userId, expected, next)",
    replace: "store.get(userId).then((row) => store.compareAndSet(userId, row?.version ?? null, next))",
    test: "model/interleavings",
    caughtBy:
      "V04 of many copies of one code, in sign-ins, verifications and re-authentications, one is accepted",
  },
  {
    name: "tell the host before the write has landed",
    file: TRANSACT,
    find: "    const { record } = decision;\n",
    replace: "    const { record } = decision;\n    service.emit(userId, now, decision.events, trace);\n",
    test: "unit/two-factor/events",
    caughtBy: "V79 A3 A4 N17 the host hears once, and with all it needs, when an enrollment begins",
  },
  {
    name: "forget the event of a used backup code",
    file: "src/rules/verification.ts",
    find: '    { type: "backup_code_used", method: "backup" },\n',
    replace: "",
    test: "unit/rules/verification",
    caughtBy: "a right backup code is spent, its charge taken back, and the host told when few are left",
  },
  {
    name: "tell the person nothing by another channel",
    file: "src/two-factor/events.ts",
    find: "notify: NOTIFY.has(event.type),",
    replace: "notify: false,",
    test: "unit/two-factor/events",
    caughtBy: "V79 A3 A4 N17 the host hears once, and with all it needs, when an authenticator is replaced",
  },
  {
    name: "use one nonce for every record",
    file: TRANSACT,
    find: "encodeRecord(record), fresh.subarray(VERSION_BYTES)",
    replace: "encodeRecord(record), new Uint8Array(NONCE_BYTES)",
    test: "attacks/randomness",
    caughtBy: "V69 N24 no two writes, whoever makes them, share a nonce or a version",
  },
  {
    name: "use one key and nonce for every token",
    file: "src/keyring/tokens.ts",
    find: "const salt = random(SALT_BYTES);",
    replace: "const salt = new Uint8Array(SALT_BYTES);",
    test: "unit/keyring",
    caughtBy: "every token has a key of its own, and users and keys share none",
  },
  {
    name: "open a record of one user for another",
    file: RECORDS,
    find: 'lengthPrefixed("twinlock/v1/record", userId)',
    replace: 'lengthPrefixed("twinlock/v1/record")',
    test: "unit/keyring",
    caughtBy: "every token has a key of its own, and users and keys share none",
  },
  {
    name: "open a record under an older version",
    file: RECORDS,
    find: "lengthPrefixed(FORMAT, keyId, userId, version)",
    replace: "lengthPrefixed(FORMAT, keyId, userId)",
    test: "unit/keyring",
    caughtBy: "V69 a record that was copied to another user or under another version does not open",
  },
  {
    name: "authenticate fields that run into each other",
    file: "src/internal/bytes.ts",
    find: "    for (let shift = 24; shift >= 0; shift -= 8) out[at++] = field.length >>> shift;\n",
    replace: "",
    test: "unit/internal/bytes",
    caughtBy: "writes four bytes of length before each field",
  },
  {
    name: "say the key in an error",
    file: "src/keyring/keys.ts",
    find: `\`keys: number \${i + 1} is not a key`,
    replace: `\`keys: number \${i + 1}, \${word}, is not a key`,
    test: "attacks/keys",
    caughtBy: "what is no key is refused by its place and never repeated",
  },
  {
    name: "say the secret in an error",
    file: "src/otp/base32.ts",
    find: 'throw new RangeError("base32: want letters A to Z and digits 2 to 7");',
    replace: `throw new RangeError(\`base32: cannot read \${text}\`);`,
    test: "unit/otp/base32",
    caughtBy: "never quotes what it refuses",
  },
  {
    name: "let the exact cause of a failure be sent",
    file: "src/errors.ts",
    find: 'Object.defineProperty(result, "detail", { value: detail });',
    replace: 'Object.defineProperty(result, "detail", { value: detail, enumerable: true });',
    test: "unit/errors",
    caughtBy: "the detail is there for whoever asks, and in nothing that is copied, printed or sent",
  },
  {
    name: "keep backup codes in the clear",
    file: "src/two-factor/service.ts",
    find: "return toBase64Url(await limiter()(priority, () => derive(utf8(code), bytes)));",
    replace: "return bytes && code;",
    test: "unit/two-factor/backup-codes",
    caughtBy:
      "V44 N4 N6 A9 what is stored holds no code and no plain hash of one, even for whoever has the key",
  },
  {
    name: "read whatever JSON a record holds",
    file: "src/internal/codec.ts",
    find: `if (!Array.isArray(wire) || wire.length !== names.length) refuse(\`\${names.length} fields\`);`,
    replace: "if (!Array.isArray(wire)) return wire as T;",
    test: "unit/record",
    caughtBy: "V80 no object, no __proto__ and no key of any kind gets in with a record",
  },
  {
    name: "let a colon into the label of a key URI",
    file: "src/otp/key-uri.ts",
    find: '.replaceAll(":", " ")',
    replace: "",
    test: "unit/otp/key-uri",
    caughtBy: "keeps an account name from adding a parameter, a line or another issuer (V75)",
  },
];
