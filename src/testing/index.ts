/**
 * The test harness: a real second factor that does not wait, virtual phones, clocks, faults, and the store contract.
 *
 * @module
 */

export {
  type VirtualAuthenticator,
  type VirtualAuthenticatorOptions,
  virtualAuthenticator,
} from "./authenticator.ts";
export { type FakeClock, fakeClock } from "./clock.ts";
export { type FaultyStoreOptions, faultyStore, type StoreCall, type StoreFault } from "./faulty-store.ts";
export {
  type CreatedPasskey,
  type PasskeyPage,
  type ShownPasskey,
  type VirtualPasskey,
  type VirtualPasskeyOptions,
  virtualPasskey,
} from "./passkey.ts";
export type { EnrolledPerson } from "./person.ts";
export { createTestTwoFactor, type TestTwoFactor } from "./service.ts";
export { type UserStoreTestOptions, userStoreTests } from "./store-contract.ts";
