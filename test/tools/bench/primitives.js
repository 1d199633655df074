// What one verification cannot do without, with nothing around it: the limit beside the whole service.

import * as crypto from "node:crypto";

/** Everything that one verification cannot do without, with nothing around it. */
export function primitives() {
  const key = crypto.createSecretKey(crypto.randomBytes(32));
  const secret = crypto.randomBytes(20);
  const record = JSON.stringify(Array.from({ length: 28 }, (_, i) => ["0123456789abcdef", i, null]));
  const associated = Buffer.alloc(60);
  const seal = (text) => {
    const nonce = crypto.randomBytes(12);
    const cipher = crypto.createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(associated);
    const sealed = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    return [nonce.toString("base64url"), sealed.toString("base64url")];
  };
  const open = ([nonce, text]) => {
    const sealed = Buffer.from(text, "base64url");
    const decipher = crypto.createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64url"));
    decipher.setAAD(associated);
    decipher.setAuthTag(sealed.subarray(-16));
    return decipher.update(sealed.subarray(0, -16), undefined, "utf8") + decipher.final("utf8");
  };
  let row = seal(record);
  return () => {
    const value = JSON.parse(open(row));
    const counter = Buffer.alloc(8);
    for (let step = 0; step < 3; step++) {
      counter[7] = step;
      crypto.createHmac("sha1", secret).update(counter).digest();
    }
    row = seal(JSON.stringify(value));
    return seal('["alice","0123456789abcdefghijkl",null,1760000000000,0,"app"]');
  };
}
