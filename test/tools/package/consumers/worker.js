import { d1Store } from "twinlock/stores/d1";
import { walk } from "./walk.js";

export default {
  async fetch(_request, { DB }) {
    const store = d1Store(DB);
    await store.migrate();
    return new Response(await walk(store));
  },
};
