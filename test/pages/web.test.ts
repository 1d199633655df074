import { test } from "node:test";
import { createTwoFactor, generateKey } from "twinlock";
import { memoryStore } from "twinlock/stores/memory";
import { createHandler } from "../../examples/web/handler.ts";
import { gate, type Send, walkHeldRequests, walkJsonFlow, walkJunk } from "./support/json-flow.ts";

const checkPassword = async (name: string, password: string) =>
  name === "ada" && password === "correct horse battery" ? "ada" : null;

function example() {
  const store = memoryStore();
  const { hold, pass } = gate();
  const twoFactor = createTwoFactor({
    issuer: "Web",
    store: {
      ...store,
      async get(userId) {
        await pass();
        return store.get(userId);
      },
    },
    keys: generateKey(),
    verifyPassword: async (userId, password) => (await checkPassword(userId, password)) !== null,
  });
  const handler = createHandler(twoFactor, checkPassword);
  const send: Send = (path, init) => handler(new Request(`https://example.org${path}`, init));
  return { send, hold };
}

test("a function from Request to Response enrolls and signs in", () => walkJsonFlow(example().send));

test("P2 web: what is at work during a sign-out signs nobody in again", () => {
  const { send, hold } = example();
  return walkHeldRequests(send, hold);
});

test("P8 web: JSON of other types than the fields have is refused", () => walkJunk(example().send));
