const { expect, test } = require("@jest/globals");
const { walk } = require("./walk.js");

test("somebody enrolls and signs in, from CommonJS through Babel", async () => {
  expect(await walk()).toBe("ada enrolled and signed in");
});
