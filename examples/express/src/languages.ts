/** The library's sentences in the language that the browser asks for; the pages themselves are in English. */

import type { Request } from "express";
import { messages as en, type Failure } from "twinlock";
import { messages as de } from "twinlock/messages/de";
import { messages as es } from "twinlock/messages/es";
import { messages as fr } from "twinlock/messages/fr";
import { messages as it } from "twinlock/messages/it";
import { messages as ja } from "twinlock/messages/ja";
import { messages as ko } from "twinlock/messages/ko";
import { messages as nl } from "twinlock/messages/nl";
import { messages as pl } from "twinlock/messages/pl";
import { messages as pt } from "twinlock/messages/pt-BR";
import { messages as zh } from "twinlock/messages/zh-Hans";

/** By tag; the first is for whoever asks for none. Some browsers name the country instead of the script. */
const LANGUAGES = { en, de, es, fr, it, ja, ko, nl, pl, "pt-BR": pt, "zh-Hans": zh, "zh-CN": zh };

/** A text with its language, so that a screen reader pronounces it right on an English page (WCAG 2.2 s.3.1.2). */
export interface Sentence {
  text: string;
  lang: string;
}

/** What we say ourselves is in English. */
export function sentence(said: string | Sentence): Sentence {
  return typeof said === "string" ? { text: said, lang: "en" } : said;
}

export function sentenceFor(req: Request, { reason }: Pick<Failure, "reason">): Sentence {
  const accepted = req.acceptsLanguages(Object.keys(LANGUAGES)) || "en";
  const lang = accepted as keyof typeof LANGUAGES;
  return { text: LANGUAGES[lang][reason], lang };
}
