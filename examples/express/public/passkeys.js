// Passkeys: where the browser has them it shows their buttons, and sends what they sign in the place of a code.

/** What the browser says about why there is no passkey, as a person reads it. */
const PROBLEMS = {
  InvalidStateError: "There is a passkey for your account on this device already.",
  NotAllowedError: "No passkey was used: it was cancelled, or it took too long. Please try again.",
};

/** Asks the browser for what a button needs, and gives it as JSON. */
async function ask({ create, get }) {
  const made = create
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(create) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(get) });
  return JSON.stringify(await made);
}

async function send(button) {
  const { form } = button;
  const { code, password } = form.elements;
  if (password && !password.reportValidity()) return;
  form.querySelector("[role=alert]")?.remove();
  button.disabled = true;
  try {
    const response = document.createElement("input");
    Object.assign(response, {
      type: "hidden",
      name: "code",
      value: await ask(JSON.parse(button.dataset.passkey)),
    });
    if (code) code.disabled = true;
    form.append(response);
    form.submit();
  } catch ({ name }) {
    const problem = document.createElement("p");
    problem.className = "problem";
    problem.setAttribute("role", "alert");
    problem.textContent = PROBLEMS[name] ?? "Your browser could not use a passkey here.";
    form.prepend(problem);
    button.disabled = false;
  }
}

if (globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  for (const hint of document.querySelectorAll("[data-without-passkeys]")) hint.hidden = true;
  for (const button of document.querySelectorAll("[data-with-passkeys]")) button.hidden = false;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      void send(button);
    });
  }
}
