/** DynamoDB for the tests: dynalite in this process, or the server at DYNAMODB_URL. */

import { once } from "node:events";
import { DynamoDB, ResourceInUseException } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

export interface DynamoServer {
  url: string;
  close(): Promise<void>;
}

export async function startDynamoServer(): Promise<DynamoServer> {
  const server = dynalite({ createTableMs: 0 }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${address && typeof address === "object" ? address.port : 0}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** A client of the server, and the table that the store's page asks for. */
export function connect(url: string): { client: DynamoDB; createTable(name: string): Promise<void> } {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDB({ endpoint: url, region: "local", credentials });
  return { client, createTable: (name) => createTable(client, name) };
}

async function createTable(client: DynamoDB, TableName: string): Promise<void> {
  const created = client.createTable({
    TableName,
    KeySchema: [{ AttributeName: "user_id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "user_id", AttributeType: "S" }],
    BillingMode: "PAY_PER_REQUEST",
  });
  await created.catch((error) => {
    if (!(error instanceof ResourceInUseException)) throw error; // it is there
  });
  const status = async () => (await client.describeTable({ TableName })).Table?.TableStatus;
  while ((await status()) !== "ACTIVE") await new Promise((resolve) => setTimeout(resolve, 10));
}
