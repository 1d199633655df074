// The libraries that compute codes. They store nothing, so a server calls them as their pages say, with one step of
// tolerance, and that is what is measured; what a host builds around them is its own.
import * as otplib from "otplib";
import speakeasy from "speakeasy";
import { generateSecret } from "../../../../dist/otp/index.js";
import { count, nextCode, wrongCodes } from "./phone.js";

const VERIFY = {
  otplib: (secret, token) => otplib.verifySync({ secret, token, epochTolerance: 30 }).valid,
  speakeasy: (secret, token) => speakeasy.totp.verify({ secret, encoding: "base32", token, window: 1 }),
};

/** otplib takes the step that the host has stored, and refuses a code that is not of a later one. */
function refusedByStep(secret, token) {
  const given = { secret, token, epochTolerance: 30 };
  const { timeStep } = otplib.verifySync(given);
  return otplib.verifySync({ ...given, afterTimeStep: timeStep }).valid === false;
}

export function openCodes(name) {
  const verify = VERIFY[name];
  return {
    async sameCodeTwice() {
      const secret = generateSecret();
      const code = nextCode(secret);
      const twice = count([verify(secret, code), verify(secret, code)], (valid) => valid);
      return name === "otplib" && refusedByStep(secret, code)
        ? `${twice}, or 1 if you store the step`
        : twice;
    },
    async wrongCodes(many) {
      const secret = generateSecret();
      const tried = count(wrongCodes(secret, many), (code) => verify(secret, code) === false);
      return { tried, lockedAfter: !verify(secret, nextCode(secret)) };
    },
  };
}
