// What every guide's application must do, asked as a person with a phone would.
import assert from "node:assert/strict";
import { messages } from "twinlock";
import { virtualAuthenticator } from "twinlock/testing";
import { visitor } from "./visitor.js";

const ADA = { email: "ada@example.com", password: "correct horse" };
const { password } = ADA;

/** Signs in, turns on, meets each answer of the sign-in, and turns off. */
export async function drive(origin) {
  const sees = async (who, wanted, why) => {
    const { email } = ADA;
    const shown = who.page();
    assert.equal(shown?.includes(email) ?? wanted, wanted, `${why}: what the answer showed`);
    assert.equal((await who.look()).includes(email), wanted, why);
  };
  const nobody = (who, why) => sees(who, false, why);
  const signedIn = (who, why) => sees(who, true, why);
  const refused = (text, reason) =>
    assert.ok(text.includes(messages[reason]) || text.includes(`"${reason}"`), `${reason}: ${text}`);
  const withPassword = async () => {
    const who = visitor(origin);
    await nobody(who, "a stranger");
    await who.send("sign-in", ADA);
    return who;
  };

  const ada = visitor(origin);
  await nobody(ada, "a stranger");
  await ada.send("sign-in", { ...ADA, password: "wrong" });
  await nobody(ada, "a wrong password");
  await ada.send("sign-in", ADA);
  await signedIn(ada, "the password, where there is no second factor");

  refused(await ada.send("turn-on", { password: "wrong" }), "invalid_password");
  const scan = await ada.send("turn-on", { password });
  const key = /\b([A-Z2-7]{4} ){7}[A-Z2-7]{4}\b/.exec(scan)?.[0].replaceAll(" ", "");
  assert.ok(key && /<svg|data:image/.test(scan), scan);
  const now = virtualAuthenticator();
  const soon = virtualAuthenticator({ skew: 30 });
  for (const phone of [now, soon]) phone.scan(`otpauth://totp/Guide:ada?secret=${key}&issuer=Guide`);
  refused(await ada.send("confirm", { code: "000000" }), "invalid_code");
  const first = now.code();
  const confirmed = await ada.send("confirm", { code: first });
  const codes = confirmed.match(/\b\d{8}\b/g) ?? [];
  assert.ok(new Set(codes).size >= 10, confirmed);
  await signedIn(ada, "who has turned it on");

  const lost = await withPassword();
  await nobody(lost, "the password alone");
  await lost.send("code", { code: codes[0] });
  await signedIn(lost, "a backup code");
  refused(await lost.send("turn-off", { password }), "reauthenticate");
  const stolen = lost.copy();
  await lost.send("sign-out");
  await nobody(lost, "who has signed out");
  await nobody(stolen, "a copy of the session, after the sign-out");

  const again = await withPassword();
  const before = again.copy();
  refused(await again.send("code", { code: first }), "already_used");
  await nobody(again, "a code that was used");
  await again.send("code", { code: soon.code() });
  await signedIn(again, "the next code");
  await nobody(before, "the session of before the code");
  assert.ok(
    [...again.cookies.keys()].some((name) => name.startsWith("__Host-device")),
    "the device is known",
  );
  await again.send("turn-off", { password });
  await signedIn(await withPassword(), "the password, once it is off");
}
