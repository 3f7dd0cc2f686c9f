// Passkeys: a form[data-passkey="create|get"] asks the server for a question, the device for an answer, and then sends itself.

const words = (form) => form.querySelector(".problem[role=alert]");

function say(form, text) {
  words(form).textContent = text;
  words(form).hidden = !text;
}

addEventListener("submit", async (event) => {
  const form = event.target, kind = form.dataset?.passkey;
  if (!kind || form.elements.credential.value) return;
  event.preventDefault();
  say(form, "");
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) return say(form, form.dataset.none);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.begin, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
    const { options, token, problem } = await answer.json();
    if (!answer.ok) return say(form, problem ?? form.dataset.failed);
    const publicKey = options.publicKey;
    const credential = kind === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
    if (token) form.elements.token.value = token;
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch {
    // Refused by the person, timed out, or no device: all the same to the reader.
    say(form, form.dataset.failed);
  } finally {
    form.removeAttribute("aria-busy");
  }
}, { capture: true });
