import { walk } from "../../../walk.js";

export const dynamic = "force-dynamic";
export const runtime = "edge";

export async function GET() {
  return new Response(await walk());
}
