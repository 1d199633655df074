/** The virtual authenticator of Chromium, in the browser of one person. */

import type { Person } from "./browser.ts";

/** What the browser's page may ask for a passkey. */
export interface Authenticator {
  /** How many passkeys it holds. */
  count(): Promise<number>;
  /** Whether its user is there and lets it sign; otherwise it refuses. */
  agrees(willing: boolean): Promise<void>;
}

/** Gives the person's browser an authenticator: the device's own, which is synced with others, or a security key. */
export async function plugIn(
  { page }: Person,
  transport: "internal" | "usb" = "internal",
): Promise<Authenticator> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      defaultBackupEligibility: transport === "internal",
      defaultBackupState: transport === "internal",
    },
  });
  return {
    async count() {
      const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId });
      return credentials.length;
    },
    async agrees(willing) {
      await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: willing });
    },
  };
}
