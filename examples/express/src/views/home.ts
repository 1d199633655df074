/** The first page: what to try. */

import type { Product } from "../products.ts";
import { type Html, html, nothing } from "./html.ts";
import { frame } from "./layout.ts";

export function homePage(products: readonly Product[], demoPhone: boolean): Html {
  return frame({
    title: "Twinlock: six products, one second factor",
    accent: "home",
    demoPhone,
    header: html`<span class="wordmark">Twinlock</span>`,
    body: html`<h1>Six products, one second factor</h1>
      <p class="lead">Each of these is the same Express router with another option object. Create an account in one,
        turn two-factor authentication on, sign out, and sign in again.</p>
      <p>The first account of a product is its owner, who also sees <em>Members</em>. To try what an owner does for
        others, create a second account in a private window.</p>
      ${demoPhone ? html`<p>No phone at hand? Below the QR code, <em>Scan with the demo phone</em> opens one.</p>` : nothing}
      <ul class="products">${products.map(
        (product) => html`<li data-accent="${product.id}">
          <h2><a href="/${product.id}/sign-up">${product.name}</a></h2>
          <p>${product.about}</p>
          <ul>${product.tour.map((step) => html`<li>${step}</li>`)}</ul>
        </li>`,
      )}</ul>`,
  });
}
