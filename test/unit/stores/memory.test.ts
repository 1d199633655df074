import { test } from "node:test";
import { memoryStore } from "../../../src/stores/memory.ts";
import { userStoreTests } from "../../../src/testing/store-contract.ts";

userStoreTests(test, memoryStore);
