/** MongoDB's wire protocol, as far as drivers 5 to 7 speak it: OP_MSG, and OP_QUERY for the first greeting. */

import { BSON, type Document } from "mongodb";

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER = 16; // length, request, response to, operation: 32 bits each
const MORE_TO_COME = 2; // the client wants no answer

export interface Request {
  readonly id: number;
  readonly command: Document;
  readonly wantsAnswer: boolean;
  readonly operation: number;
}

/** Takes whole messages off a stream of bytes. */
export function messageReader(onRequest: (request: Request) => void): (bytes: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  return (bytes) => {
    held = Buffer.concat([held, bytes]);
    while (held.length >= HEADER && held.length >= held.readInt32LE(0)) {
      const length = held.readInt32LE(0);
      onRequest(requestOf(held.subarray(0, length)));
      held = held.subarray(length);
    }
  };
}

function requestOf(message: Buffer): Request {
  const [id, operation, body] = [message.readInt32LE(4), message.readInt32LE(12), message.subarray(HEADER)];
  if (operation === OP_QUERY) {
    const afterName = body.indexOf(0, 4) + 1;
    return { id, operation, wantsAnswer: true, command: documentAt(body, afterName + 8).document };
  }
  if (operation !== OP_MSG) throw new Error(`no operation ${operation} here`);
  const wantsAnswer = (body.readUInt32LE(0) & MORE_TO_COME) === 0;
  return { id, operation, wantsAnswer, command: commandOf(body.subarray(4)) };
}

/** Section 0 is the command itself; a section of kind 1 is one of its lists, sent beside it. */
function commandOf(sections: Buffer): Document {
  const command: Document = {};
  let at = 0;
  while (at < sections.length) {
    if (sections[at] === 0) {
      const { document, end } = documentAt(sections, at + 1);
      Object.assign(command, document);
      at = end;
      continue;
    }
    const end = at + 1 + sections.readInt32LE(at + 1);
    const nameEnd = sections.indexOf(0, at + 5);
    command[sections.toString("utf8", at + 5, nameEnd)] = documentsOf(sections.subarray(nameEnd + 1, end));
    at = end;
  }
  return command;
}

function documentsOf(bytes: Buffer): Document[] {
  const documents: Document[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { document, end } = documentAt(bytes, at);
    documents.push(document);
    at = end;
  }
  return documents;
}

function documentAt(bytes: Buffer, at: number): { document: Document; end: number } {
  const end = at + bytes.readInt32LE(at);
  return { document: BSON.deserialize(bytes.subarray(at, end)), end };
}

export function answerTo({ id, operation }: Request, document: Document): Buffer {
  const body = BSON.serialize(document);
  const [kind, before] = operation === OP_QUERY ? [OP_REPLY, replyHead()] : [OP_MSG, Buffer.alloc(5)];
  const header = Buffer.alloc(HEADER);
  [HEADER + before.length + body.length, 0, id, kind].map((value, i) => header.writeInt32LE(value, i * 4));
  return Buffer.concat([header, before, body]);
}

/** Flags, a cursor of 64 bits, the first document's position, and how many there are: one. */
function replyHead(): Buffer {
  const head = Buffer.alloc(20);
  head.writeInt32LE(1, 16);
  return head;
}
