import { codes } from "./codes.ts";
import type { Defect } from "./defect.ts";
import { flows } from "./flows.ts";
import { storing } from "./storing.ts";

export type { Defect } from "./defect.ts";

export const DEFECTS: readonly Defect[] = [...codes, ...flows, ...storing];
