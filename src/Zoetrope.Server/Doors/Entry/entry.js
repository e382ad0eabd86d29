// The only script of these pages: it takes a link's token out of the address, and passes a passkey's ceremony to the browser.
"use strict";
const say = text => {
  const place = document.getElementById("said");
  place.textContent = text;
  place.hidden = text === "";
};
const token = document.getElementById("token");
if (token && location.hash.length > 1) {
  token.value = location.hash.slice(1);
  token.closest(".field").hidden = true;
  history.replaceState(null, "", location.pathname);
}
const send = async (path, body) => {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "X-Zoetrope-Studio": "1", ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const json = await answer.json();
  if (!json.success) throw new Error(json.error.message);
  return json.data;
};
const ceremony = (button, run) => {
  if (!button || !window.PublicKeyCredential?.parseCreationOptionsFromJSON) return;
  button.hidden = false;
  for (const part of document.querySelectorAll("[data-with-passkey]")) part.hidden = false;
  button.addEventListener("click", async () => {
    say("");
    button.disabled = true;
    try {
      await run();
    } catch (fault) {
      const aside = fault.name === "NotAllowedError" ? "Nothing was chosen, or the browser gave up." : fault.message;
      say(/^\d|\[/.test(location.hostname) ? aside + " Passkeys need a name: open this server over localhost or its host name." : aside);
      button.disabled = false;
    }
  });
};
ceremony(document.getElementById("use-passkey"), async () => {
  const { options } = await send("/api/v1/session/passkey/options");
  const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  await send("/api/v1/session/passkey", { credential: credential.toJSON() });
  location.assign(document.getElementById("next").value);
});
ceremony(document.getElementById("add-passkey"), async () => {
  const { options } = await send("/api/v1/person/passkeys/options");
  const credential = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  const name = document.getElementById("passkey-name").value.trim();
  await send("/api/v1/person/passkeys", { credential: credential.toJSON(), ...(name && { name }) });
  location.reload();
});
