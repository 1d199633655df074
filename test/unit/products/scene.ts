/** Ada with a phone at one of the example's products, in a device of hers: where each flow starts. */

import assert from "node:assert/strict";
import { type VirtualAuthenticator, virtualAuthenticator } from "../../../src/testing/index.ts";
import { type Browser, createHost, type Host } from "../../support/host.ts";

export const USER = "ada";
export const PASSWORD = "correct horse";

export interface Scene {
  host: Host;
  browser: Browser;
  phone: VirtualAuthenticator;
}

export interface Enabled extends Scene {
  secret: string;
  codes: readonly string[];
}

/** Signed up and signed in, without a second factor. */
export async function signedUp(product: string): Promise<Scene> {
  const host = createHost(product);
  host.signUp(USER, PASSWORD);
  const browser = host.browser();
  assert.equal(await browser.signIn(USER, PASSWORD), "done");
  return { host, browser, phone: virtualAuthenticator({ clock: host.clock }) };
}

/** Gives the password where this product asks for it, scans, enters the first code, and saves what is to be saved. */
export async function enable(scene: Scene, options?: { replace?: boolean }): Promise<Enabled> {
  const { host, browser, phone } = scene;
  const asksPassword = host.product.twoFactor.reauthentication.enroll === "password";
  const start = await browser.enable(asksPassword ? { password: PASSWORD } : {}, options);
  assert.ok(start.ok);
  phone.scan(start.keyUri);
  const confirmed = await browser.confirm(phone.code());
  assert.ok(confirmed.ok);
  if (!confirmed.active) assert.ok((await browser.saved()).ok);
  host.clock.advance(30);
  return { ...scene, secret: start.secret, codes: confirmed.codes };
}

/** With a second factor since half a minute: the phone shows a code that is not spent. */
export async function enabled(product: string): Promise<Enabled> {
  return enable(await signedUp(product));
}

/** Signs in anew, with a code. */
export async function signIn(browser: Browser, code: string): Promise<void> {
  browser.signOut();
  assert.equal(await browser.signIn(USER, PASSWORD), "code");
  assert.ok((await browser.enterCode(code)).ok);
}
