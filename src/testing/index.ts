/**
 * The test harness: a real second factor that does not wait, virtual phones, clocks, faults, and the store contract.
 *
 * @module
 */

export { type VirtualAuthenticator, virtualAuthenticator } from "./authenticator.ts";
export { type FakeClock, fakeClock } from "./clock.ts";
export { faultyStore, type StoreCall, type StoreFault } from "./faulty-store.ts";
export { type VirtualPasskey, virtualPasskey } from "./passkey.ts";
export { createTestTwoFactor, type TestTwoFactor } from "./service.ts";
export { userStoreTests } from "./store-contract.ts";
