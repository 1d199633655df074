// jest, which runs ES modules with `node --experimental-vm-modules`
import { expect, test } from "@jest/globals";
import { ada, PASSWORD } from "./person.js";

test("guessing meets a wall, the owner hears of it, and waiting opens the door", async () => {
  const { signIn, clock, events, phone } = await ada();
  const session = {};
  await signIn.password(session, "ada", PASSWORD);
  for (const guess of ["000001", "000002", "000003", "000004", "000005"]) {
    expect(await signIn.code(session, guess)).toBe("invalid_code");
  }
  expect(await signIn.code(session, phone.code())).toBe("locked");
  expect(events).toContainEqual(expect.objectContaining({ type: "locked", userId: "ada", notify: true }));

  clock.advance(30);
  expect(await signIn.code(session, phone.code())).toBe("signed in");
});
