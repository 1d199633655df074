import { test } from "node:test";
import { createTwoFactor, generateKey } from "twinlock";
import { memoryStore } from "twinlock/stores/memory";
import { createHandler } from "../../examples/web/handler.ts";
import { walkJsonFlow } from "./support/json-flow.ts";

const checkPassword = async (name: string, password: string) =>
  name === "ada" && password === "correct horse battery" ? "ada" : null;

test("a function from Request to Response enrolls and signs in", async () => {
  const twoFactor = createTwoFactor({
    issuer: "Web",
    store: memoryStore(),
    keys: generateKey(),
    verifyPassword: async (userId, password) => (await checkPassword(userId, password)) !== null,
  });
  const handler = createHandler(twoFactor, checkPassword);
  await walkJsonFlow((path, init) => handler(new Request(`https://example.org${path}`, init)));
});
