import { walk } from "./walk.js";

console.log(await walk());
